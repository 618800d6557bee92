#include "cli/notes.h"

#include "base/memory.h"
#include "base/text.h"
#include "cli/say.h"

void notes_on_environment(const char *variables)
{
    say("note: ignored, because it would hold for every node: %s in the environment",
        variables);
}

void notes_on_libpq(void)
{
    const char *warning = pgcensus_libpq_warning();
    if (warning)
        say("note: %s", warning);
}

static bool is_superuser(const struct pgcensus_node_result *result)
{
    return result->superuser;
}

static bool is_md5(const struct pgcensus_node_result *result)
{
    return result->md5_login;
}

static void note(const struct pgcensus_fleet *fleet,
                 const struct pgcensus_node_result *const *results, size_t n,
                 bool (*concerns)(const struct pgcensus_node_result *),
                 const char *text)
{
    AUTO(free) const char **names = memory_array(n, sizeof *names);
    if (!names)
        return; /* a note is not worth an error */
    size_t n_names = 0;
    for (size_t i = 0; i < n; i++) {
        if (concerns(results[i]))
            names[n_names++] = pgcensus_fleet_node(fleet, results[i]->index)->name;
    }
    if (n_names == 0)
        return;
    AUTO(buf_fini) struct buf folded = BUF_INIT;
    text_add_folded(&folded, names, n_names);
    say("note: %s: %s", folded.bytes, text);
}

void notes_on_results(const struct pgcensus_fleet *fleet,
                      const struct pgcensus_node_result *const *results, size_t n)
{
    note(fleet, results, n, is_superuser,
         "we log in as a superuser there; a role with pg_monitor is enough");
    note(fleet, results, n, is_md5,
         "the password is stored as MD5 there; SCRAM-SHA-256 is safer");
}
