/* Writes down what a process does to one SQLite database: loaded by LD_PRELOAD into everything that a trial starts.

   RECORDED_DATABASE is the database's path, RECORDING the log that all processes append to; tests/chaos/power/acts.py
   reads it. Recorded are the main file, its -wal and its -journal, and flushes of their folder; not the -shm, which SQLite
   rebuilds. Only the calls that SQLite makes on Linux are watched: what passes by another one would leave a recording
   that does not give the files that stand at the end, and the trial fails on that. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define MOST_FILES 65536
#define EXPORTED __attribute__((visibility("default")))
/* The call itself, looked up when it is first wanted: other libraries' constructors call before one of here would run. */
#define DECLARE(result, name, ...) \
    typedef result (*name##_type)(__VA_ARGS__); \
    static name##_type real_##name(void) { \
        static name##_type found; \
        if (!found) \
            found = (name##_type)dlsym(RTLD_NEXT, #name); \
        return found; \
    }

DECLARE(int, open, const char *, int, ...)
DECLARE(int, open64, const char *, int, ...)
DECLARE(int, close, int)
DECLARE(ssize_t, write, int, const void *, size_t)
DECLARE(ssize_t, pwrite, int, const void *, size_t, off_t)
DECLARE(ssize_t, pwrite64, int, const void *, size_t, off64_t)
DECLARE(int, ftruncate, int, off_t)
DECLARE(int, ftruncate64, int, off64_t)
DECLARE(int, fsync, int)
DECLARE(int, fdatasync, int)
DECLARE(int, unlink, const char *)

/* The header of a record; a write's bytes follow. Times are CLOCK_MONOTONIC, which all processes share. */
struct record {
    int64_t begin, end, offset;
    uint32_t length;
    char operation, file;
    char unused[2];
};

/* What each descriptor is: one of the letters below, or 0. A forked child inherits it with the descriptors. */
static char known[MOST_FILES];
static int recording = -1;

static int64_t now(void) {
    struct timespec moment;
    clock_gettime(CLOCK_MONOTONIC, &moment);
    return moment.tv_sec * 1000000000LL + moment.tv_nsec;
}

/* m: main file, w: -wal, j: -journal, d: their folder, 0: not recorded. */
static char file_of(const char *path) {
    const char *database = getenv("RECORDED_DATABASE");
    size_t length = database ? strlen(database) : 0;
    if (!length || !path)
        return 0;
    if (!strncmp(path, database, length)) {
        const char *rest = path + length;
        return !*rest ? 'm' : !strcmp(rest, "-wal") ? 'w' : !strcmp(rest, "-journal") ? 'j' : 0;
    }
    size_t folder = strrchr(database, '/') - database;
    return strlen(path) == folder && !strncmp(path, database, folder) ? 'd' : 0;
}

static char kind(int descriptor) {
    return descriptor >= 0 && descriptor < MOST_FILES ? known[descriptor] : 0;
}

/* One call of writev: the log is opened to append, so records of several processes never mix. */
static void note(char operation, char file, int64_t begin, int64_t offset, const void *data, size_t length) {
    int before = errno;
    struct record header = {begin, now(), offset, length, operation, file, {0}};
    struct iovec parts[2] = {{&header, sizeof header}, {(void *)data, length}};
    if (recording < 0)
        recording = real_open()(getenv("RECORDING"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (writev(recording, parts, length ? 2 : 1) != (ssize_t)(sizeof header + length))
        abort();
    errno = before;
}

static int opened(open_type real, const char *path, int flags, mode_t mode) {
    char file = file_of(path);
    struct stat found;
    int64_t begin = now();
    int is_new = file && file != 'd' && (flags & O_CREAT) && stat(path, &found);
    int descriptor = real(path, flags, mode);
    if (descriptor < 0 || !file)
        return descriptor;
    if (descriptor >= MOST_FILES)
        abort();
    known[descriptor] = file;
    if (is_new)
        note('c', file, begin, 0, NULL, 0);
    if (flags & O_TRUNC)
        note('t', file, begin, 0, NULL, 0);
    return descriptor;
}

#define MODE(mode, flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list more; \
        va_start(more, flags); \
        mode = va_arg(more, mode_t); \
        va_end(more); \
    }

EXPORTED int open(const char *path, int flags, ...) {
    MODE(mode, flags)
    return opened(real_open(), path, flags, mode);
}

EXPORTED int open64(const char *path, int flags, ...) {
    MODE(mode, flags)
    return opened(real_open64(), path, flags, mode);
}

/* Forgotten before it is closed: another thread may get the number at once. */
EXPORTED int close(int descriptor) {
    if (kind(descriptor))
        known[descriptor] = 0;
    return real_close()(descriptor);
}

EXPORTED ssize_t write(int descriptor, const void *data, size_t length) {
    char file = kind(descriptor);
    if (!file)
        return real_write()(descriptor, data, length);
    int64_t begin = now(), offset = lseek64(descriptor, 0, SEEK_CUR);
    ssize_t written = real_write()(descriptor, data, length);
    if (written > 0)
        note('w', file, begin, offset, data, written);
    return written;
}

#define WRITE_AT(name, offset_type) \
    EXPORTED ssize_t name(int descriptor, const void *data, size_t length, offset_type offset) { \
        char file = kind(descriptor); \
        int64_t begin = now(); \
        ssize_t written = real_##name()(descriptor, data, length, offset); \
        if (file && written > 0) \
            note('w', file, begin, offset, data, written); \
        return written; \
    }

#define TRUNCATE(name, size_type) \
    EXPORTED int name(int descriptor, size_type size) { \
        char file = kind(descriptor); \
        int64_t begin = now(); \
        int failed = real_##name()(descriptor, size); \
        if (file && !failed) \
            note('t', file, begin, size, NULL, 0); \
        return failed; \
    }

#define FLUSH(name) \
    EXPORTED int name(int descriptor) { \
        char file = kind(descriptor); \
        int64_t begin = now(); \
        int failed = real_##name()(descriptor); \
        if (file && !failed) \
            note('f', file, begin, 0, NULL, 0); \
        return failed; \
    }

WRITE_AT(pwrite, off_t)
WRITE_AT(pwrite64, off64_t)
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)
FLUSH(fsync)
FLUSH(fdatasync)

EXPORTED int unlink(const char *path) {
    char file = file_of(path);
    int64_t begin = now();
    int failed = real_unlink()(path);
    if (file && !failed)
        note('u', file, begin, 0, NULL, 0);
    return failed;
}
