/*
 * A bad disk and a clock that steps, for one process: LD_PRELOAD puts this between a program and the C library.
 *
 * Only paths below FAULTS_FOLDER (absolute) are touched. FAULTS_CONTROL names a file that holds `struct control`; it is
 * shared memory, so that a test changes it while the program runs. FAULTS_LOG names a file that gets every call that
 * changes something, in order, with its data; left out, nothing is logged. faults.ts is the other side of all three.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { OP_WRITE = 1, OP_SYNC = 2, OP_NAME = 4 };

/* All little-endian, 8 bytes each; faults.ts knows the offsets. */
struct control {
  int64_t delay_ms;
  int64_t delay_ops;
  int64_t fail_errno;
  int64_t fail_ops;
  int64_t fail_from_bytes; /* writes fail when written_bytes has reached this; what still fits is written */
  int64_t written_bytes;   /* by us: all bytes written below the folder */
  int64_t clock_offset_ms;
  int64_t hits;            /* by us: calls that were delayed or failed */
  char match[256];         /* only paths that contain this are delayed or failed; empty is all */
};

#define MAX_FDS 65536
#define HOLD_STEP_NS 2000000L

struct file {
  uint64_t id; /* 0 is none */
  dev_t dev;
  ino_t ino;
  char *path;
};

static struct control none;
static struct control *control = &none;
static struct file files[MAX_FDS];
static char folder[PATH_MAX];
static size_t folder_length;
static int log_fd = -1;
static uint64_t next_id = 1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(result, name, ...)                                          \
  static result (*real_##name)(__VA_ARGS__);                             \
  if (!real_##name) real_##name = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void) {
  const char *below = getenv("FAULTS_FOLDER");
  const char *control_path = getenv("FAULTS_CONTROL");
  const char *log_path = getenv("FAULTS_LOG");
  if (control_path) {
    int fd = syscall(SYS_openat, AT_FDCWD, control_path, O_RDWR | O_CLOEXEC);
    void *memory = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof none, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
      fprintf(stderr, "fault-shim: %s: %s\n", control_path, strerror(errno));
      abort();
    }
    control = memory;
    syscall(SYS_close, fd);
  }
  if (log_path && *log_path)
    log_fd = syscall(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (!below) return;
  snprintf(folder, sizeof folder, "%s", below);
  folder_length = strlen(folder);
  /* Several processes may share a log. */
  next_id = (uint64_t)getpid() << 32 | 1;
}

static int is_below(const char *path) {
  return folder_length > 0 && path && strncmp(path, folder, folder_length) == 0 &&
         (path[folder_length] == '/' || path[folder_length] == 0);
}

/* The file that a descriptor was opened as; a number that was closed and given out again is none. */
static struct file *file_of(int fd) {
  struct stat now;
  if (fd < 0 || fd >= MAX_FDS || files[fd].id == 0) return NULL;
  if (fstat(fd, &now) != 0 || now.st_ino != files[fd].ino || now.st_dev != files[fd].dev) return NULL;
  return &files[fd];
}

static int64_t monotonic_ns(void) {
  struct timespec now;
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* A record: `ns op id offset length path<TAB>path2<NL>`, then `length` bytes of data. Order is that of completion.
   The offset of an open is its flags. */
static void record(const char *op, uint64_t id, int64_t offset, const char *path, const char *path2,
                   const struct iovec *data, int count, size_t length) {
  if (log_fd < 0) return;
  int saved = errno;
  char head[2 * PATH_MAX + 128];
  struct iovec pieces[IOV_MAX];
  size_t left = length;
  int used = 1;
  pthread_mutex_lock(&lock);
  int head_length = snprintf(head, sizeof head, "%lld %s %llu %lld %zu %s\t%s\n", (long long)monotonic_ns(), op,
                             (unsigned long long)id, (long long)offset, length, path ? path : "", path2 ? path2 : "");
  pieces[0] = (struct iovec){head, (size_t)head_length};
  for (int i = 0; i < count && left > 0 && used < IOV_MAX; i += 1, used += 1) {
    pieces[used] = data[i];
    if (pieces[used].iov_len > left) pieces[used].iov_len = left;
    left -= pieces[used].iov_len;
  }
  for (int i = 0; i < used;) {
    ssize_t done = syscall(SYS_writev, log_fd, pieces + i, used - i);
    if (done < 0) {
      if (errno == EINTR) continue;
      fprintf(stderr, "fault-shim: the log cannot be written: %s\n", strerror(errno));
      abort();
    }
    for (; i < used && (size_t)done >= pieces[i].iov_len; i += 1) done -= pieces[i].iov_len;
    if (i < used) {
      pieces[i].iov_base = (char *)pieces[i].iov_base + done;
      pieces[i].iov_len -= done;
    }
  }
  pthread_mutex_unlock(&lock);
  errno = saved;
}

static int is_meant(const char *path) {
  return control->match[0] == 0 || (path && strstr(path, control->match));
}

/* Holds a call back as long as the control says so; a change of the control counts at once. */
static void hold(int op, const char *path) {
  int64_t begun = monotonic_ns();
  int counted = 0;
  struct timespec step = {0, HOLD_STEP_NS};
  while ((control->delay_ops & op) && is_meant(path) && monotonic_ns() - begun < control->delay_ms * 1000000) {
    if (!counted) __atomic_add_fetch(&control->hits, 1, __ATOMIC_SEQ_CST);
    counted = 1;
    nanosleep(&step, NULL);
  }
}

/* Whether a call shall fail; sets errno. */
static int fails(int op, const char *path) {
  if (!(control->fail_ops & op) || control->fail_errno == 0 || !is_meant(path)) return 0;
  __atomic_add_fetch(&control->hits, 1, __ATOMIC_SEQ_CST);
  errno = (int)control->fail_errno;
  return 1;
}

/* How many of `length` bytes may be written: 0 is none, with errno set. */
static size_t room(struct file *file, size_t length) {
  hold(OP_WRITE, file->path);
  if (!(control->fail_ops & OP_WRITE) || control->fail_errno == 0 || !is_meant(file->path)) return length;
  int64_t left = control->fail_from_bytes - control->written_bytes;
  if (left <= 0 && length > 0) {
    fails(OP_WRITE, file->path);
    return 0;
  }
  return (size_t)left < length ? (size_t)left : length;
}

static void wrote(struct file *file, int64_t offset, const struct iovec *data, int count, ssize_t length) {
  if (length <= 0) return;
  __atomic_add_fetch(&control->written_bytes, length, __ATOMIC_SEQ_CST);
  record("write", file->id, offset, NULL, NULL, data, count, (size_t)length);
}

static int opened(int fd, const char *path, int flags) {
  struct stat now;
  if (fd < 0 || fd >= MAX_FDS || fstat(fd, &now) != 0) return fd;
  pthread_mutex_lock(&lock);
  uint64_t id = next_id++;
  files[fd].id = id;
  files[fd].dev = now.st_dev;
  files[fd].ino = now.st_ino;
  /* The old path is not freed: another thread may still read it. */
  files[fd].path = strdup(path);
  pthread_mutex_unlock(&lock);
  const char *op = S_ISDIR(now.st_mode) ? "opendir" : (flags & O_CREAT) ? "create" : "open";
  record(op, id, flags, path, NULL, NULL, 0, 0);
  return fd;
}

#define OPEN(name)                                                       \
  int name(const char *path, int flags, ...) {                           \
    REAL(int, name, const char *, int, ...);                             \
    mode_t mode = 0;                                                     \
    if (flags & (O_CREAT | __O_TMPFILE)) {                               \
      va_list rest;                                                      \
      va_start(rest, flags);                                             \
      mode = va_arg(rest, mode_t);                                       \
      va_end(rest);                                                      \
    }                                                                    \
    if (!is_below(path)) return real_##name(path, flags, mode);          \
    if (flags & O_CREAT) {                                               \
      hold(OP_NAME, path);                                               \
      if (fails(OP_NAME, path)) return -1;                               \
    }                                                                    \
    return opened(real_##name(path, flags, mode), path, flags);          \
  }
OPEN(open)
OPEN(open64)

ssize_t write(int fd, const void *bytes, size_t length) {
  REAL(ssize_t, write, int, const void *, size_t);
  struct file *file = file_of(fd);
  if (!file) return real_write(fd, bytes, length);
  size_t fits = room(file, length);
  if (fits == 0 && length > 0) return -1;
  ssize_t done = real_write(fd, bytes, fits);
  off_t end = lseek(fd, 0, SEEK_CUR);
  struct iovec data = {(void *)bytes, length};
  wrote(file, end - done, &data, 1, done);
  return done;
}

#define PWRITE(name)                                                     \
  ssize_t name(int fd, const void *bytes, size_t length, off_t offset) { \
    REAL(ssize_t, name, int, const void *, size_t, off_t);               \
    struct file *file = file_of(fd);                                     \
    if (!file) return real_##name(fd, bytes, length, offset);            \
    size_t fits = room(file, length);                                    \
    if (fits == 0 && length > 0) return -1;                              \
    ssize_t done = real_##name(fd, bytes, fits, offset);                 \
    struct iovec data = {(void *)bytes, length};                         \
    wrote(file, offset, &data, 1, done);                                 \
    return done;                                                         \
  }
PWRITE(pwrite)
PWRITE(pwrite64)

/* The first `fits` bytes of pieces. */
static int cut(struct iovec *kept, const struct iovec *pieces, int count, size_t fits) {
  int used = 0;
  for (; used < count && fits > 0; used += 1) {
    kept[used] = pieces[used];
    if (kept[used].iov_len > fits) kept[used].iov_len = fits;
    fits -= kept[used].iov_len;
  }
  return used;
}

static size_t total(const struct iovec *pieces, int count) {
  size_t length = 0;
  for (int i = 0; i < count; i += 1) length += pieces[i].iov_len;
  return length;
}

ssize_t writev(int fd, const struct iovec *pieces, int count) {
  REAL(ssize_t, writev, int, const struct iovec *, int);
  struct file *file = file_of(fd);
  if (!file) return real_writev(fd, pieces, count);
  struct iovec kept[IOV_MAX];
  size_t length = total(pieces, count);
  size_t fits = room(file, length);
  if (fits == 0 && length > 0) return -1;
  ssize_t done = real_writev(fd, kept, cut(kept, pieces, count, fits));
  off_t end = lseek(fd, 0, SEEK_CUR);
  wrote(file, end - done, pieces, count, done);
  return done;
}

#define PWRITEV(name)                                                    \
  ssize_t name(int fd, const struct iovec *pieces, int count, off_t at) {\
    REAL(ssize_t, name, int, const struct iovec *, int, off_t);          \
    struct file *file = file_of(fd);                                     \
    if (!file) return real_##name(fd, pieces, count, at);                \
    struct iovec kept[IOV_MAX];                                          \
    size_t length = total(pieces, count);                                \
    size_t fits = room(file, length);                                    \
    if (fits == 0 && length > 0) return -1;                              \
    ssize_t done = real_##name(fd, kept, cut(kept, pieces, count, fits), at); \
    wrote(file, at, pieces, count, done);                                \
    return done;                                                         \
  }
PWRITEV(pwritev)
PWRITEV(pwritev64)

/* What was written before the first record is durable from the second on. */
#define SYNC(name)                                                       \
  int name(int fd) {                                                     \
    REAL(int, name, int);                                                \
    struct file *file = file_of(fd);                                     \
    if (!file) return real_##name(fd);                                   \
    uint64_t id = file->id;                                              \
    const char *path = file->path;                                       \
    record("syncbegin", id, 0, NULL, NULL, NULL, 0, 0);                  \
    hold(OP_SYNC, path);                                                 \
    if (fails(OP_SYNC, path)) return -1;                                 \
    int result = real_##name(fd);                                        \
    if (result == 0) record("syncend", id, 0, NULL, NULL, NULL, 0, 0);   \
    return result;                                                       \
  }
SYNC(fsync)
SYNC(fdatasync)

#define FTRUNCATE(name)                                                  \
  int name(int fd, off_t length) {                                       \
    REAL(int, name, int, off_t);                                         \
    struct file *file = file_of(fd);                                     \
    int result = real_##name(fd, length);                                \
    if (file && result == 0) record("truncate", file->id, length, NULL, NULL, NULL, 0, 0); \
    return result;                                                       \
  }
FTRUNCATE(ftruncate)
FTRUNCATE(ftruncate64)

int mkdir(const char *path, mode_t mode) {
  REAL(int, mkdir, const char *, mode_t);
  if (!is_below(path)) return real_mkdir(path, mode);
  hold(OP_NAME, path);
  if (fails(OP_NAME, path)) return -1;
  int result = real_mkdir(path, mode);
  if (result == 0) record("mkdir", 0, 0, path, NULL, NULL, 0, 0);
  return result;
}

#define TWO_NAMES(name)                                                  \
  int name(const char *from, const char *to) {                           \
    REAL(int, name, const char *, const char *);                         \
    if (!is_below(from) && !is_below(to)) return real_##name(from, to);  \
    hold(OP_NAME, to);                                                   \
    if (fails(OP_NAME, to)) return -1;                                   \
    int result = real_##name(from, to);                                  \
    if (result == 0) record(#name, 0, 0, from, to, NULL, 0, 0);          \
    return result;                                                       \
  }
TWO_NAMES(rename)
TWO_NAMES(link)

#define REMOVE(name)                                                     \
  int name(const char *path) {                                           \
    REAL(int, name, const char *);                                       \
    int result = real_##name(path);                                      \
    if (result == 0 && is_below(path)) record(#name, 0, 0, path, NULL, NULL, 0, 0); \
    return result;                                                       \
  }
REMOVE(unlink)
REMOVE(rmdir)

static int is_wall(clockid_t id) {
  return id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE;
}

int clock_gettime(clockid_t id, struct timespec *now) {
  REAL(int, clock_gettime, clockid_t, struct timespec *);
  int result = real_clock_gettime(id, now);
  int64_t offset = control->clock_offset_ms;
  if (result == 0 && offset != 0 && is_wall(id)) {
    int64_t ns = (int64_t)now->tv_sec * 1000000000 + now->tv_nsec + offset * 1000000;
    now->tv_sec = ns / 1000000000;
    now->tv_nsec = ns % 1000000000;
  }
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec wall;
  (void)zone;
  if (clock_gettime(CLOCK_REALTIME, &wall) != 0) return -1;
  now->tv_sec = wall.tv_sec;
  now->tv_usec = wall.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *now) {
  struct timespec wall;
  clock_gettime(CLOCK_REALTIME, &wall);
  if (now) *now = wall.tv_sec;
  return wall.tv_sec;
}
