/* A disk that syncs slowly: preloaded into a server, each fsync and fdatasync takes at least as many nanoseconds as the
 * environment variable SLOW_DISK_NS names. The real sync is a part of this time; a call that takes longer is not delayed.
 *
 * Threads wait independently, as on a disk that takes several requests at once.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NS 1000000000LL

static long long least_ns;

__attribute__((constructor)) static void read_setting(void) {
    const char *text = getenv("SLOW_DISK_NS");
    least_ns = text ? atoll(text) : 0;
}

static int slowly(long call, int file) {
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    long long sum = end.tv_sec * NS + end.tv_nsec + least_ns;
    end.tv_sec = sum / NS;
    end.tv_nsec = sum % NS;
    int answer = (int)syscall(call, file);
    int error = errno;
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, 0) == EINTR) {
    }
    errno = error;
    return answer;
}

int fsync(int file) { return slowly(SYS_fsync, file); }

int fdatasync(int file) { return slowly(SYS_fdatasync, file); }
