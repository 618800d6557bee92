#include "config/read/input_file.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static const char *kind_name(mode_t mode)
{
    return S_ISDIR(mode)                    ? "is a directory"
           : S_ISFIFO(mode)                 ? "is a named pipe, not a regular file"
           : S_ISSOCK(mode)                 ? "is a socket, not a regular file"
           : S_ISCHR(mode) || S_ISBLK(mode) ? "is a device, not a regular file"
                                            : "is not a regular file";
}

static bool refuse_file(char ret_reason[INPUT_FILE_REASON], const char *format,
                        const char *detail)
{
    snprintf(ret_reason, INPUT_FILE_REASON, format, detail);
    return false;
}

static bool refuse_size(char ret_reason[INPUT_FILE_REASON], size_t max)
{
    static const size_t mega = 1 << 20;
    snprintf(ret_reason, INPUT_FILE_REASON, "is larger than %zu %s",
             max % mega ? max : max / mega, max % mega ? "bytes" : "MB");
    return false;
}

/* Reads to the end instead of st_size bytes, because files in /proc have a size of 0.
 */
static bool read_bytes(int fd, size_t max, struct input_file *file,
                       char ret_reason[INPUT_FILE_REASON])
{
    size_t cap = file->n + 1;
    file->bytes = malloc(cap + 1);
    if (file->bytes)
        memory_will_fill(file->bytes, cap);
    file->n = 0;
    while (file->bytes) {
        ssize_t n = read(fd, file->bytes + file->n, cap - file->n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return refuse_file(ret_reason, "cannot be read: %s", strerror(errno));
        if (n == 0) {
            file->bytes[file->n] = '\0';
            return true;
        }
        file->n += (size_t)n;
        if (file->n > max)
            break;
        if (file->n < cap)
            continue;
        /* Not realloc(): it would leave a copy of what may be secret behind. */
        char *larger = malloc(2 * cap + 1);
        if (larger)
            memcpy(larger, file->bytes, file->n);
        explicit_bzero(file->bytes, file->n);
        free(file->bytes);
        file->bytes = larger;
        cap *= 2;
    }
    if (!file->bytes)
        return refuse_file(ret_reason, "cannot be read: %s", strerror(ENOMEM));
    return refuse_size(ret_reason, max);
}

bool input_file_read(const char *path, size_t max, struct input_file *ret_file,
                     char ret_reason[INPUT_FILE_REASON])
{
    /* O_NONBLOCK: the open() of a FIFO without a writer would not return. */
    AUTO(close) int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return refuse_file(ret_reason, "cannot be opened: %s", strerror(errno));

    struct stat status;
    if (fstat(fd, &status) != 0)
        return refuse_file(ret_reason, "cannot be read: %s", strerror(errno));
    if (!S_ISREG(status.st_mode))
        return refuse_file(ret_reason, "%s", kind_name(status.st_mode));
    if (status.st_size > (off_t)max)
        return refuse_size(ret_reason, max);

    AUTO(input_file_fini)
    struct input_file file = {.mode = status.st_mode, .n = (size_t)status.st_size};
    if (!read_bytes(fd, max, &file, ret_reason))
        return false;
    *ret_file = file;
    file.bytes = NULL;
    return true;
}

bool input_file_missing(const char *path)
{
    return access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

void input_file_fini(struct input_file *file)
{
    if (file->bytes)
        explicit_bzero(file->bytes, file->n);
    free(file->bytes);
    file->bytes = NULL;
    file->n = 0;
}

char *input_file_first_line(const struct input_file *file)
{
    return strndup(file->bytes, strcspn(file->bytes, "\r\n"));
}
