/* Each file has a few fixed temporary names, .FILE.pgcensus-0 and so on, so
 * that a file that was left behind is found again.
 *
 * A replacement is locked from before it has a name until it has replaced the
 * old file.  So a name with an unlocked file is left over and is removed; a
 * file that we cannot open, or that is no plain file, is not ours and stays.
 *
 * The name is checked again under the lock, because the file may have lost it
 * before we got the lock. */
#include "base/replacement.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/xattr.h>

enum { MOST_NAMES = 64, LONGEST_PIECE = 200, MOST_LINKS = 40, LONGEST_LIST = 4096 };

static bool fail_errno(const char *doing, const char *path,
                       struct pgcensus_error *ret_error)
{
    return error_set(ret_error, PGCENSUS_TROUBLE_OUTPUT, "could not %s %s: %s", doing,
                     path, strerror(errno));
}

/* ---- the place ---- */

/* The path of that name in the directory of path; NULL: no memory. */
static char *beside(const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');
    int n = slash ? (int)(slash - path) + 1 : 0;
    return memory_format("%.*s%s", n, path, name);
}

/* In a directory where every user may create links, as /tmp, another user's
 * link is a trap.  The kernel does not follow it (fs.protected_symlinks); we
 * read links by hand, so we have to refuse it ourselves. */
static bool may_follow(const char *link)
{
    const mode_t everybodys = S_ISVTX | S_IWOTH;
    struct stat there, around;
    AUTO(free) char *directory = beside(link, ".");
    if (!directory || stat(directory, &around) != 0 || lstat(link, &there) != 0)
        return false;
    if ((around.st_mode & everybodys) != everybodys || there.st_uid == geteuid() ||
        there.st_uid == around.st_uid)
        return true;
    errno = EACCES;
    return false;
}

/* Links are followed by hand: realpath() does not know what a dangling one means.
 * NULL: see errno. */
static char *follow_links(const char *path)
{
    char *place = strdup(path);
    char target[PATH_MAX];
    for (int i = 0; place && i < MOST_LINKS; i++) {
        ssize_t n = readlink(place, target, sizeof target - 1);
        if (n < 0)
            break;
        target[n] = '\0';
        char *next = NULL;
        if (may_follow(place))
            next = *target == '/' ? strdup(target) : beside(place, target);
        free(place);
        place = next;
    }
    return place;
}

/* ---- names ---- */

static char *temporary_name(const char *path, unsigned number)
{
    const char *slash = strrchr(path, '/');
    AUTO(free)
    char *name = memory_format(".%.*s.pgcensus-%u", LONGEST_PIECE,
                               slash ? slash + 1 : path, number);
    return name ? beside(path, name) : NULL;
}

static bool has_link(int fd, const char *name)
{
    struct stat there;
    return lstat(name, &there) == 0 && S_ISREG(there.st_mode) &&
           file_is_same(fd, &there);
}

/* Removes a name that a dead process has left. */
static void clean_name(const char *name)
{
    AUTO(close)
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && has_link(fd, name))
        unlink(name);
}

/* A new file of that name, locked; -1 with errno EEXIST: the name is taken. */
static int create(const char *name, mode_t mode)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return -1;
    /* Another process may have removed it as left over before we locked it; on
     * a file system without locks no process removes files. */
    bool locked = flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
    if (locked && has_link(fd, name))
        return fd;
    close(fd);
    errno = EEXIST;
    return -1;
}

static int give_name(int fd, const char *name)
{
    char anonymous[32];
    snprintf(anonymous, sizeof anonymous, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, anonymous, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0 ? fd
                                                                               : -1;
}

/* The first name that is free: for the file of replacement->fd, or for a new one. */
static bool take_name(struct replacement *replacement, mode_t mode,
                      struct pgcensus_error *ret_error)
{
    for (unsigned number = 0; number < MOST_NAMES; number++) {
        AUTO(free) char *name = temporary_name(replacement->path, number);
        if (!name)
            return error_memory(ret_error);
        clean_name(name);
        int fd = replacement->fd >= 0 ? give_name(replacement->fd, name)
                                      : create(name, mode);
        if (fd >= 0) {
            replacement->fd = fd;
            replacement->name = take_ptr(name);
            return true;
        }
        if (errno != EEXIST)
            break;
    }
    return fail_errno("create", replacement->path, ret_error);
}

/* ---- open ---- */

/* False: the file system has no nameless files, or there is no /proc to name it by. */
static bool open_nameless(struct replacement *replacement, mode_t mode)
{
    AUTO(free) char *directory = beside(replacement->path, ".");
    if (!directory || access("/proc/self/fd", X_OK) != 0)
        return false;
    replacement->fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
    if (replacement->fd >= 0)
        flock(replacement->fd, LOCK_EX | LOCK_NB);
    return replacement->fd >= 0;
}

/* EINVAL: an owner that has no number in our user namespace. */
static bool is_denied(int number)
{
    return number == EPERM || number == EINVAL || number == ENOTSUP;
}

/* Copies the access control list, and drops the one inherited from the
 * directory.  False: there is a list that cannot be copied.  Then the group's
 * mode bits must not be used: they are the upper limit of all entries of the
 * list, while the group itself may have no rights. */
static bool keep_list(int fd, const char *path)
{
    static const char name[] = "system.posix_acl_access";
    char list[LONGEST_LIST];
    ssize_t n = getxattr(path, name, list, sizeof list);
    if (n >= 0)
        return fsetxattr(fd, name, list, (size_t)n, 0) == 0;
    if (errno == ENODATA)
        fremovexattr(fd, name);
    return errno != ERANGE;
}

/* Copies owner, group and mode, so that the file keeps its owner when another
 * user, such as root, runs us once.  If we may not set owner or group, ours
 * stays, and the set-user-ID or set-group-ID bit is dropped, because it would
 * lend our rights. */
static bool keep_rights(int fd, const char *path, const struct stat *old)
{
    struct stat ours;
    mode_t mode = old->st_mode & 07777;
    if (fstat(fd, &ours) != 0)
        return false;
    if (!keep_list(fd, path))
        mode &= ~(mode_t)S_IRWXG;
    if (old->st_gid != ours.st_gid && fchown(fd, (uid_t)-1, old->st_gid) != 0) {
        if (!is_denied(errno))
            return false;
        mode &= ~(mode_t)S_ISGID;
    }
    if (old->st_uid != ours.st_uid && fchown(fd, old->st_uid, (gid_t)-1) != 0) {
        if (!is_denied(errno))
            return false;
        mode &= ~(mode_t)S_ISUID;
    }
    /* If modes cannot be set, a mode with no more rights is accepted. */
    return fchmod(fd, mode) == 0 ||
           (is_denied(errno) && !(ours.st_mode & 07777 & ~mode));
}

bool replacement_open(struct replacement *replacement, const char *path,
                      struct pgcensus_error *ret_error)
{
    struct stat old;
    *replacement = REPLACEMENT_INIT;
    replacement->path = follow_links(path);
    if (!replacement->path)
        return errno == ENOMEM ? error_memory(ret_error)
                               : fail_errno("create", path, ret_error);
    bool exists = stat(replacement->path, &old) == 0;
    /* A private file must never be readable by others, not even for a moment. */
    mode_t mode = exists ? 0600 : 0644;
    if (!exists && (errno != ENOENT || !*replacement->path))
        return fail_errno("create", path, ret_error);
    if (!open_nameless(replacement, mode) && !take_name(replacement, mode, ret_error))
        return false;
    return !exists || keep_rights(replacement->fd, replacement->path, &old) ||
           fail_errno("set the rights of", path, ret_error);
}

/* ---- the end ---- */

/* Some file systems report only at close() that there was no room.  A copy is
 * closed, because the lock has to last until the name is gone. */
static bool close_copy(int fd)
{
    int copy = dup(fd);
    return copy >= 0 && close(copy) == 0;
}

static bool copy_bytes(int from, int to)
{
    char part[65536];
    off_t at = 0;
    ssize_t n;
    while ((n = pread(from, part, sizeof part, at)) > 0) {
        for (ssize_t done = 0, written; done < n; done += written)
            if ((written = write(to, part + done, (size_t)(n - done))) < 0)
                return false;
        at += n;
    }
    return n == 0;
}

/* Copies the file into a new one with a name.  Some file systems, and some
 * security limits, allow nameless files but do not let us name them. */
static bool become_named(struct replacement *replacement,
                         struct pgcensus_error *ret_error)
{
    struct stat nameless;
    AUTO(close) int from = replacement->fd;
    replacement->fd = -1;
    if (!take_name(replacement, 0600, ret_error))
        return false;
    return (fstat(from, &nameless) == 0 && copy_bytes(from, replacement->fd) &&
            keep_rights(replacement->fd, replacement->path, &nameless) &&
            fsync(replacement->fd) == 0) ||
           fail_errno("write to", replacement->path, ret_error);
}

bool replacement_commit(struct replacement *replacement,
                        struct pgcensus_error *ret_error)
{
    if (fsync(replacement->fd) != 0 || !close_copy(replacement->fd))
        return fail_errno("write to", replacement->path, ret_error);
    if (!replacement->name && !take_name(replacement, 0, NULL) &&
        !become_named(replacement, ret_error))
        return false;
    if (rename(replacement->name, replacement->path) != 0)
        return fail_errno("replace", replacement->path, ret_error);
    free(take_ptr(replacement->name));
    file_sync_directory(replacement->path);
    return true;
}

void replacement_fini(struct replacement *replacement)
{
    if (replacement->name)
        unlink(replacement->name);
    if (replacement->fd >= 0)
        close(replacement->fd);
    free(replacement->name);
    free(replacement->path);
    *replacement = REPLACEMENT_INIT;
}
