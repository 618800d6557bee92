/* A password file, and what is found in it for a few questions, against the rules of
 * the manual taken one by one: field by field, the first line that matches. */
#include "config/model/passfile.h"

#include "fuzz.h"
#include "pg/conninfo.h"

#include <sys/mman.h>
#include <sys/stat.h>

static const struct question {
    const char *host, *port, *dbname, *user;
} questions[] = {
    {"h", "1", "d", "u"},    {"localhost", "5432", "d", "u"},
    {"/srv", "1", "d", "u"}, {"a:b\\c", "1", "*", "u:u"},
    {"*", "2", "", "u"},
};

/* Whether the field at *at is that, or "*"; *at is then behind its colon. */
static bool is_field(const char **at, const char *end, const char *wanted)
{
    const char *c = *at;
    if (end - c >= 2 && c[0] == '*' && c[1] == ':') {
        *at = c + 2;
        return true;
    }
    for (; c < end && *c != ':'; c++, wanted++) {
        if (*c == '\\' && c + 1 < end)
            c++;
        if (*wanted == '\0' || *c != *wanted)
            return false;
    }
    *at = c + 1;
    return c < end && *wanted == '\0';
}

/* Whether the line has that password for the question. */
static bool is_password(const char *at, const char *end, const char *found)
{
    for (; at < end && *at != ':'; at++, found++) {
        if (*at == '\\' && at + 1 < end)
            at++;
        if (*at != *found)
            return false;
    }
    return *found == '\0';
}

static bool answers(const char *at, const char *end, const struct question *question,
                    const char **ret_password)
{
    if (at < end && *at == '#')
        return false;
    if (!is_field(&at, end, question->host) || !is_field(&at, end, question->port) ||
        !is_field(&at, end, question->dbname) || !is_field(&at, end, question->user))
        return false;
    *ret_password = at;
    return true;
}

/* Lines end at a line feed, which a carriage return may stand before, or at a NUL. */
static void check(const char *bytes, size_t n, const struct question *question,
                  const char *found)
{
    size_t at = n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (at < n) {
        const char *line = bytes + at, *password;
        size_t length = 0;
        while (at + length < n && line[length] != '\n' && line[length] != '\0')
            length++;
        at += length + 1;
        length -= length > 0 && line[length - 1] == '\r';
        if (!answers(line, line + length, question, &password))
            continue;
        require(is_password(password, line + length, found ? found : ""));
        return;
    }
    require(!found);
}

static void ask(const char *path, const char *bytes, size_t n)
{
    struct diagnostic_list diagnostics = DIAGNOSTIC_LIST_INIT;
    struct passfiles *passfiles = passfiles_new();
    require(passfiles);
    passfiles_need(passfiles, path, &diagnostics, (struct source_pos){.file = "fuzz"});
    require(diagnostics.kept.n == 0 && !diagnostics.no_memory);
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        const struct question *question = &questions[i];
        const char *found = passfiles_find(passfiles, path, question->host,
                                           (uint16_t)atoi(question->port),
                                           question->dbname, question->user);
        check(bytes, n, question, found);
    }
    passfiles_free(passfiles);
    diagnostic_list_fini(&diagnostics);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char path[32];
    int fd = memfd_create("passfile", MFD_CLOEXEC);
    require(fd >= 0 && fchmod(fd, 0600) == 0);
    require(write(fd, bytes, n) == (ssize_t)n);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    char *copy = fuzz_string(bytes, n);
    ask(path, copy, n);
    free(copy);
    close(fd);
    return 0;
}
