/* Lets the k-th call that changes a file below some folders fail, or sends a signal at it.
 *
 * Loaded with LD_PRELOAD, so that it sees the calls of Python and of compiled libraries alike. A test program arms it
 * through faults_arm(); before that it only passes calls on.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char folders[8][PATH_MAX];
static int folder_count, at_error, at_signal, log_handle = -1;
static atomic_long count, at;

/* Arm the shim: the folders, separated by newlines; the number of the call; the error and the signal, or 0; a log, or -1. */
void faults_arm(const char *paths, long number, int error, int signal_number, int log_to) {
    folder_count = 0;
    while (*paths && folder_count < 8) {
        size_t length = strcspn(paths, "\n");
        snprintf(folders[folder_count++], PATH_MAX, "%.*s", (int)length, paths);
        paths += length + (paths[length] == '\n');
    }
    at_error = error;
    at_signal = signal_number;
    log_handle = log_to;
    count = 0;
    at = number;
}

long faults_count(void) { return count; }

static int is_below(const char *path) {
    for (int index = 0; index < folder_count; index++) {
        size_t length = strlen(folders[index]);
        if (!strncmp(path, folders[index], length) && (path[length] == '/' || !path[length]))
            return 1;
    }
    return 0;
}

/* Return whether this call fails; a signal is sent before it is carried out. */
static int strikes(const char *call, const char *path) {
    long number = ++count;
    if (log_handle >= 0)
        dprintf(log_handle, "%ld %s %s\n", number, call, path);
    if (number != at)
        return 0;
    if (at_signal)
        raise(at_signal);
    if (at_error)
        errno = at_error;
    return at_error != 0;
}

static int strikes_handle(const char *call, int handle) {
    char link[64], path[PATH_MAX];
    if (!folder_count)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    int before = errno;
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = before;
    if (length < 0)
        return 0;
    path[length] = 0;
    return is_below(path) && strikes(call, path);
}

static int strikes_path(const char *call, int folder, const char *name) {
    char link[64], path[2 * PATH_MAX];
    if (!folder_count)
        return 0;
    if (*name == '/') {
        snprintf(path, sizeof path, "%s", name);
    } else {
        int before = errno;
        if (folder == AT_FDCWD)
            snprintf(link, sizeof link, "/proc/self/cwd");
        else
            snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        ssize_t length = readlink(link, path, PATH_MAX - 1);
        errno = before;
        if (length < 0)
            return 0;
        snprintf(path + length, sizeof path - length, "/%s", name);
    }
    return is_below(path) && strikes(call, path);
}

#define REAL(result, name, ...) \
    static result (*real)(__VA_ARGS__); \
    if (!real) \
        real = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

#define ON_HANDLE(result, name, parameters, arguments, ...) \
    result name parameters { \
        REAL(result, #name, __VA_ARGS__); \
        return strikes_handle(#name, handle) ? -1 : real arguments; \
    }

#define ON_PATH(result, name, folder, path, parameters, arguments, ...) \
    result name parameters { \
        REAL(result, #name, __VA_ARGS__); \
        return strikes_path(#name, folder, path) ? -1 : real arguments; \
    }

ON_HANDLE(ssize_t, write, (int handle, const void *data, size_t size), (handle, data, size), int, const void *, size_t)
ON_HANDLE(ssize_t, pwrite, (int handle, const void *data, size_t size, off_t place), (handle, data, size, place), int, const void *,
          size_t, off_t)
ON_HANDLE(ssize_t, pwrite64, (int handle, const void *data, size_t size, off_t place), (handle, data, size, place), int,
          const void *, size_t, off_t)
ON_HANDLE(ssize_t, writev, (int handle, const struct iovec *data, int size), (handle, data, size), int, const struct iovec *, int)
ON_HANDLE(int, fsync, (int handle), (handle), int)
ON_HANDLE(int, fdatasync, (int handle), (handle), int)
ON_HANDLE(int, ftruncate, (int handle, off_t size), (handle, size), int, off_t)
ON_HANDLE(int, ftruncate64, (int handle, off_t size), (handle, size), int, off_t)
ON_HANDLE(int, fchmod, (int handle, mode_t mode), (handle, mode), int, mode_t)
ON_HANDLE(ssize_t, sendfile, (int handle, int from, off_t *place, size_t size), (handle, from, place, size), int, int, off_t *,
          size_t)
ON_HANDLE(ssize_t, sendfile64, (int handle, int from, off_t *place, size_t size), (handle, from, place, size), int, int, off_t *,
          size_t)
ON_PATH(int, rename, AT_FDCWD, to, (const char *from, const char *to), (from, to), const char *, const char *)
ON_PATH(int, renameat, to_folder, to, (int from_folder, const char *from, int to_folder, const char *to),
        (from_folder, from, to_folder, to), int, const char *, int, const char *)
ON_PATH(int, link, AT_FDCWD, to, (const char *from, const char *to), (from, to), const char *, const char *)
ON_PATH(int, linkat, to_folder, to, (int from_folder, const char *from, int to_folder, const char *to, int flags),
        (from_folder, from, to_folder, to, flags), int, const char *, int, const char *, int)
ON_PATH(int, mkdir, AT_FDCWD, path, (const char *path, mode_t mode), (path, mode), const char *, mode_t)
ON_PATH(int, mkdirat, folder, path, (int folder, const char *path, mode_t mode), (folder, path, mode), int, const char *, mode_t)
ON_PATH(int, unlink, AT_FDCWD, path, (const char *path), (path), const char *)
ON_PATH(int, unlinkat, folder, path, (int folder, const char *path, int flags), (folder, path, flags), int, const char *, int)
ON_PATH(int, rmdir, AT_FDCWD, path, (const char *path), (path), const char *)
ON_PATH(int, chmod, AT_FDCWD, path, (const char *path, mode_t mode), (path, mode), const char *, mode_t)

#define ON_OPEN(name, folder_parameter, folder, folder_argument, ...) \
    int name(folder_parameter const char *path, int flags, ...) { \
        REAL(int, #name, __VA_ARGS__, const char *, int, ...); \
        mode_t mode = 0; \
        if (flags & (O_CREAT | O_TMPFILE)) { \
            va_list rest; \
            va_start(rest, flags); \
            mode = va_arg(rest, mode_t); \
            va_end(rest); \
        } \
        if ((flags & O_CREAT) && strikes_path("create", folder, path)) \
            return -1; \
        return real(folder_argument path, flags, mode); \
    }

#define NOTHING
#define FOLDER int folder,
#define FOLDER_ARGUMENT folder,

#undef REAL
#define REAL(result, name, ...) \
    static result (*real)(); \
    if (!real) \
        real = (result(*)())dlsym(RTLD_NEXT, name)

ON_OPEN(open, NOTHING, AT_FDCWD, NOTHING, )
ON_OPEN(open64, NOTHING, AT_FDCWD, NOTHING, )
ON_OPEN(openat, FOLDER, folder, FOLDER_ARGUMENT, )
ON_OPEN(openat64, FOLDER, folder, FOLDER_ARGUMENT, )
