/* A stage for tests of config/: texts that are loaded as files are, in an environment
 * that holds nothing. */
#ifndef TESTS_CONFIG_STAGE_H
#define TESTS_CONFIG_STAGE_H

#include "base/auto.h"

#include "tests/test.h"

#include <pgcensus/config.h>

/* An empty $HOME of its own, which is also the working directory, and no PG*
 * variables; for cmocka_run_group_tests(). */
int stage_set_up(void **state);
int stage_tear_down(void **state);

/* Under $HOME; the path is static until the next call. */
const char *stage_write(const char *name, const char *content, unsigned mode);

struct loaded {
    struct pgcensus_config *config; /* NULL: refused */
    struct pgcensus_diagnostics diagnostics;
    struct pgcensus_error error;
};

/* Loads it as $HOME/nodes.yaml, chmod 600.  options may be NULL. */
struct loaded stage_load(const char *yaml,
                         const struct pgcensus_config_source *options);
struct loaded stage_load_bytes(const void *bytes, size_t n,
                               const struct pgcensus_config_source *options);
void loaded_fini(struct loaded *loaded);
AUTO_DEFINE_VALUE(struct loaded, loaded_fini)

/* All that was said, as LINE:COLUMN: SEVERITY: MESSAGE lines; static. */
const char *stage_said(const struct loaded *loaded);

/* Fails unless the text is refused with exactly these lines (stage_said()). */
void assert_refused(const char *yaml, const char *said);
/* Fails unless it is accepted and nothing is said. */
struct loaded assert_loads(const char *yaml);

/* The effective value and origin of a key, "VALUE (ORIGIN:LINE)" or "VALUE (ORIGIN)";
 * "-" if it is unset; static. */
const char *stage_setting(const struct loaded *loaded, const char *node,
                          const char *key);

#endif
