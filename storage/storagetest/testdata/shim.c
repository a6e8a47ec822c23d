/*
 * A disk that fails on command, for programs that write their database through libc, as SQLite does. It is loaded with
 * LD_PRELOAD and told what to do through a shared file, see ../shim.go. Only calls on the file named in SHIM_FILE and on
 * those that begin with its name (the log) are counted, delayed and failed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum kind { WRITE = 1, SYNC = 2, TRUNCATE = 4 };

struct control {
	int64_t kinds;    /* which calls fail: a sum of enum kind */
	int64_t skip;     /* how many of them succeed before the first that fails */
	int64_t failures; /* how many fail; below zero: all */
	int64_t error;    /* with which errno */
	int64_t delay;    /* of each sync, in microseconds */
	int64_t syncs;    /* counts syncs */
	int64_t failed;   /* counts calls that failed */
};

static struct control *control;
static const char *file;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("SHIM_CONTROL");
	file = getenv("SHIM_FILE");
	if (!path || !file)
		return;
	int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	void *memory = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory != MAP_FAILED)
		control = memory;
	close(fd);
}

static int concerns_us(int fd)
{
	char link[64], path[PATH_MAX];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, path, sizeof path);
	size_t wanted = strlen(file);
	return length >= (ssize_t)wanted && memcmp(path, file, wanted) == 0;
}

/* fails reports whether the call has to fail, and sets errno. */
static int fails(int fd, enum kind kind)
{
	if (!control || !concerns_us(fd))
		return 0;
	if (kind == SYNC) {
		__atomic_add_fetch(&control->syncs, 1, __ATOMIC_SEQ_CST);
		int64_t delay = __atomic_load_n(&control->delay, __ATOMIC_SEQ_CST);
		struct timespec pause = { delay / 1000000, delay % 1000000 * 1000 };
		if (delay > 0)
			nanosleep(&pause, NULL);
	}
	if (!(__atomic_load_n(&control->kinds, __ATOMIC_SEQ_CST) & kind))
		return 0;
	if (__atomic_fetch_sub(&control->skip, 1, __ATOMIC_SEQ_CST) > 0)
		return 0;
	if (__atomic_load_n(&control->failures, __ATOMIC_SEQ_CST) >= 0 &&
	    __atomic_fetch_sub(&control->failures, 1, __ATOMIC_SEQ_CST) <= 0) {
		__atomic_store_n(&control->kinds, 0, __ATOMIC_SEQ_CST);
		return 0;
	}
	__atomic_add_fetch(&control->failed, 1, __ATOMIC_SEQ_CST);
	errno = (int)__atomic_load_n(&control->error, __ATOMIC_SEQ_CST);
	return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
	return fails(fd, WRITE) ? -1 : REAL(pwrite)(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
	return fails(fd, WRITE) ? -1 : REAL(pwrite64)(fd, data, size, at);
}

int fsync(int fd) { return fails(fd, SYNC) ? -1 : REAL(fsync)(fd); }

int fdatasync(int fd) { return fails(fd, SYNC) ? -1 : REAL(fdatasync)(fd); }

int ftruncate(int fd, off_t size) { return fails(fd, TRUNCATE) ? -1 : REAL(ftruncate)(fd, size); }

int ftruncate64(int fd, off64_t size) { return fails(fd, TRUNCATE) ? -1 : REAL(ftruncate64)(fd, size); }
