/* Notes which part of an append-only file a power cut would leave: preloaded into a Redis server, it writes one line
 * "size path" to the file named by SYNCED_SIZES after every successful fsync or fdatasync of a *.aof file.
 *
 * The size is taken before the sync: what another thread appends while it runs may or may not be on the disk.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef int (*sync_call)(int);

/* The path of an open *.aof file, or 0 for any other. */
static int aof_path(int fd, char *path, size_t room) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, room - 1);
    if (length < 4) return 0;
    path[length] = '\0';
    return strcmp(path + length - 4, ".aof") == 0;
}

static void note(const char *path, off_t size) {
    const char *name = getenv("SYNCED_SIZES");
    char line[PATH_MAX + 32];
    int length = snprintf(line, sizeof line, "%lld %s\n", (long long)size, path);
    int log = name ? open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
    /* A note that cannot be written must not pass unseen: every later cut would be too deep. */
    if (log < 0 || write(log, line, length) != length) abort();
    close(log);
}

static int noted(const char *name, int fd) {
    char path[PATH_MAX];
    struct stat before;
    sync_call real = (sync_call)dlsym(RTLD_NEXT, name);
    int watched = aof_path(fd, path, sizeof path) && fstat(fd, &before) == 0;
    int answer = real(fd);
    if (watched && answer == 0) note(path, before.st_size);
    return answer;
}

int fsync(int fd) { return noted("fsync", fd); }

int fdatasync(int fd) { return noted("fdatasync", fd); }
