/* A clock that can be stepped while a process runs: preloaded, it adds the nanoseconds in the file STEPPED_CLOCK (one
 * 64-bit number in this machine's order, mapped and read at each look) to the realtime clocks. Monotonic clocks stay.
 *
 * libfaketime does the same, but does not start a Redis that is built with jemalloc.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define NS 1000000000LL

static int64_t offset_ns(void) {
    static volatile int64_t *place;
    if (!place) {
        const char *name = getenv("STEPPED_CLOCK");
        int file = name ? (int)syscall(SYS_open, name, O_RDONLY | O_CLOEXEC) : -1;
        void *mapped = file < 0 ? MAP_FAILED : mmap(0, 8, PROT_READ, MAP_SHARED, file, 0);
        if (file >= 0) close(file);
        if (mapped == MAP_FAILED) return 0;
        place = mapped;
    }
    return *place;
}

int clock_gettime(clockid_t clock, struct timespec *moment) {
    int failed = (int)syscall(SYS_clock_gettime, clock, moment);
    if (failed || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return failed;
    int64_t sum = moment->tv_sec * NS + moment->tv_nsec + offset_ns();
    moment->tv_sec = sum / NS;
    moment->tv_nsec = sum % NS;
    return 0;
}

int gettimeofday(struct timeval *restrict moment, void *restrict zone) {
    struct timespec exact;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &exact)) return -1;
    moment->tv_sec = exact.tv_sec;
    moment->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *place) {
    struct timespec exact;
    if (clock_gettime(CLOCK_REALTIME, &exact)) return -1;
    if (place) *place = exact.tv_sec;
    return exact.tv_sec;
}
