#include "config/model/value.h"

#include "base/clock.h"
#include "base/memory.h"

#include "config_stage.h"

#include <math.h>
#include <string.h>

/* A story: this text for that key is this, or this is what is wrong with it. */
struct good {
    enum key key;
    const char *text;
    int64_t number;
};

static void reads_numbers_of_every_kind(void **state)
{
    static const struct good stories[] = {
        {KEY_PORT, "1", 1},
        {KEY_PORT, "65535", 65535},
        {KEY_POOL_MAX, "20", 20},
        {KEY_CONNECT_TIMEOUT, "250ms", 250 * NSEC_PER_MSEC},
        {KEY_CONNECT_TIMEOUT, "1.5s", 1500 * NSEC_PER_MSEC},
        {KEY_POOL_MAX_LIFETIME, "30m", 1800 * NSEC_PER_SEC},
        {KEY_POOL_IDLE_TIMEOUT, "0", 0},
        {KEY_ENABLED, "true", 1},
        {KEY_ENABLED, "false", 0},
        {KEY_VIA, "pooler", 1},
        {KEY_SSLMODE, "verify-full", 4},
        {KEY_RECONNECT_STRATEGY, "adaptive", 3},
        {KEY_KEEPALIVES_IDLE, "30s", 30 * NSEC_PER_SEC},
        {KEY_TCP_USER_TIMEOUT, "1500ms", 1500 * NSEC_PER_MSEC},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++) {
        union value value = {.number = -1};
        struct value_error problem = {.message = ""};
        value_read(stories[i].key, stories[i].text, &value, &problem);
        assert_string_equal(problem.message, "");
        assert_int_equal(value.number, stories[i].number);
    }
}

static void reads_shares_and_ratios(void **state)
{
    union value value;
    struct value_error problem;
    assert_true(value_read(KEY_RECONNECT_JITTER, "20%", &value, &problem));
    assert_float_equal(value.ratio, 0.2, 1e-9);
    assert_true(value_read(KEY_RETRY_MULTIPLIER, "2.5", &value, &problem));
    assert_float_equal(value.ratio, 2.5, 1e-9);
}

/* The notation itself is tested where it is read, in health/range. */
static void reads_ranges_in_the_unit_of_their_metric(void **state)
{
    static const struct {
        enum key key;
        const char *text;
        double start, end;
    } stories[] = {
        {KEY_THRESHOLDS_LATENCY_WARN, "200ms", 0, 200 * NSEC_PER_MSEC},
        {KEY_THRESHOLDS_LAG_SECONDS_CRITICAL, "1s:5s", 1e9, 5e9},
        {KEY_THRESHOLDS_LAG_BYTES_CRITICAL, "@16MB:64MB", 16 << 20, 64 << 20},
        {KEY_THRESHOLDS_SLOT_RETAINED_WARN, "~:1GB", -INFINITY, 1 << 30},
        {KEY_THRESHOLDS_CONNECTIONS_WARN, "80%", 0, 80},
        {KEY_THRESHOLDS_CLOCK_OFFSET_WARN, "1s", 0, 1e9},
        {KEY_THRESHOLDS_CERT_EXPIRY_CRITICAL, "-1s:", -1e9, INFINITY},
        {KEY_THRESHOLDS_UPTIME_WARN, "10m:", 600e9, INFINITY},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++) {
        union value value;
        struct value_error problem = {.message = ""};
        value_read(stories[i].key, stories[i].text, &value, &problem);
        assert_string_equal(problem.message, "");
        assert_true(value.range.set);
        assert_int_equal(value.range.inside, *stories[i].text == '@');
        assert_true(value.range.start == stories[i].start);
        assert_true(value.range.end == stories[i].end);
    }
}

static void every_metric_has_its_two_keys(void **state)
{
    for (unsigned i = 0; i < PGCENSUS_METRICS; i++)
        for (int critical = 0; critical < 2; critical++) {
            char path[64];
            const struct key_row *row =
                key_row(key_threshold((enum pgcensus_metric)i, critical));
            snprintf(path, sizeof path, "thresholds.%s.%s",
                     pgcensus_metric_name((enum pgcensus_metric)i),
                     critical ? "critical" : "warn");
            assert_string_equal(row->path, path);
            assert_int_equal(row->kind, KIND_RANGE);
            assert_int_equal(row->metric, i);
        }
}

static void words_that_are_right_are_taken(void **state)
{
    static const struct {
        enum key key;
        const char *text;
    } stories[] = {
        {KEY_NAME, "pg-a"},
        {KEY_NAME, "0"},
        {KEY_NAME, "a.b_c-9"},
        {KEY_HOST, "db.example.com"},
        {KEY_HOST, "::1"},
        {KEY_HOST, "fe80::1%eth0"},
        {KEY_HOST, "/var/run/postgresql"},
        {KEY_HOSTADDR, "10.0.0.1"},
        {KEY_HOSTADDR, "2001:db8::1"},
        {KEY_USER, "null"},
        {KEY_DBNAME, "große db"},
        {KEY_PASSWORD, "any\tthing\n"},
        {KEY_CHECK_QUERY, "SELECT\n1"},
        {KEY_REQUIRE_AUTH, "scram-sha-256"},
        {KEY_REQUIRE_AUTH, "!password, !md5"},
        {KEY_SSLROOTCERT, "/etc/ca.crt"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++) {
        union value value;
        struct value_error problem = {.message = ""};
        value_read(stories[i].key, stories[i].text, &value, &problem);
        assert_string_equal(problem.message, "");
    }
}

static const struct bad {
    enum key key;
    const char *text, *message;
} bad[] = {
    {KEY_PORT, "5432x", "\"5432x\" is not a port from 1 to 65535"},
    {KEY_PORT, "0x10", "\"0x10\" is not a port from 1 to 65535"},
    {KEY_PORT, "010", "\"010\" is not a port from 1 to 65535"},
    {KEY_PORT, "-1", "\"-1\" is not a port from 1 to 65535"},
    {KEY_PORT, "0", "\"0\" is not a port from 1 to 65535"},
    {KEY_PORT, "65536", "\"65536\" is not a port from 1 to 65535"},
    {KEY_PORT, " 5432", "\" 5432\" is not a port from 1 to 65535"},
    {KEY_PORT, "5_432", "\"5_432\" is not a port from 1 to 65535"},
    {KEY_PORT, "5432,5433", "\"5432,5433\" names several ports"},
    {KEY_POOL_MAX, "10s", "\"10s\" is not a whole number from 1 to 1000"},
    {KEY_POOL_MAX, "1e2", "\"1e2\" is not a whole number from 1 to 1000"},
    {KEY_POOL_MAX, "18446744073709551615",
     "\"18446744073709551615\" is not a whole number from 1 to 1000"},
    {KEY_CONNECT_TIMEOUT, "5", "5 needs a unit: 5ms, 5s or 5m"},
    {KEY_CONNECT_TIMEOUT, "5sec", "\"5sec\" has an unknown unit"},
    {KEY_CONNECT_TIMEOUT, "soon", "\"soon\" is not a duration such as 250ms, 5s or 1h"},
    {KEY_CONNECT_TIMEOUT, "-5s", "\"-5s\" is not a duration such as 250ms, 5s or 1h"},
    {KEY_CONNECT_TIMEOUT, "0", "\"0\" is out of range (1ms to 24d)"},
    {KEY_CONNECT_TIMEOUT, "366d", "\"366d\" is out of range (1ms to 24d)"},
    {KEY_QUERY_TIMEOUT, "25d", "\"25d\" is out of range (1ms to 24d)"},
    {KEY_CHECK_TIMEOUT, "24.01d", "\"24.01d\" is out of range (1ms to 24d)"},
    {KEY_KEEPALIVES_IDLE, "500ms", "\"500ms\" is not a whole number of seconds"},
    {KEY_TCP_USER_TIMEOUT, "1us", "\"1us\" is not a whole number of milliseconds"},
    {KEY_RECONNECT_JITTER, "20", "20 needs a unit: 20%"},
    {KEY_RECONNECT_JITTER, "0.2", "0.2 needs a unit: 0.2%"},
    {KEY_RECONNECT_JITTER, "120%", "\"120%\" is not a share from 0% to 100%"},
    {KEY_RETRY_MULTIPLIER, "0.5", "\"0.5\" is not a number from 1 to 100"},
    {KEY_RETRY_MULTIPLIER, "nan", "\"nan\" is not a number from 1 to 100"},
    {KEY_ENABLED, "flase",
     "\"flase\" is neither true nor false (did you mean \"false\"?)"},
    {KEY_ENABLED, "yes", "\"yes\" is neither true nor false"},
    {KEY_ENABLED, "1", "\"1\" is neither true nor false"},
    {KEY_VIA, "poller",
     "\"poller\" is not direct, pooler or console (did you mean \"pooler\"?)"},
    {KEY_SSLMODE, "allow", "\"allow\" is not supported, it logs in without TLS first"},
    {KEY_SSLMODE, "Require",
     "\"Require\" is not disable, prefer, require, verify-ca or verify-full (did "
     "you mean \"require\"?)"},
    {KEY_SSL_MIN_PROTOCOL_VERSION, "TLSv1",
     "\"TLSv1\" is not TLSv1.2 or TLSv1.3 (did you mean \"TLSv1.2\"?)"},
    {KEY_NAME, "-a", "\"-a\" cannot be a name"},
    {KEY_NAME, "a b", "\"a b\" cannot be a name"},
    {KEY_NAME, "a\x1b[31m", "\"a\\x1b[31m\" cannot be a name"},
    {KEY_HOST, "a,b", "\"a,b\" names several hosts"},
    {KEY_HOST, "a b", "\"a b\" holds a blank"},
    {KEY_HOST, "10.0.0.1:5432", "\"10.0.0.1:5432\" holds a port"},
    {KEY_HOST, "postgresql://a", "\"postgresql://a\" is a URL, not a host"},
    {KEY_HOST, "postgres://u:hunter5@h/db",
     "\"postgres://u:...\" is a URL, not a host"},
    {KEY_HOST, "u:hunter5@h", "\"u:...\" holds a user, not only a host"},
    {KEY_HOST, "u@h", "\"u@h\" holds a user, not only a host"},
    {KEY_HOST, "[::1]", "\"[::1]\" holds brackets, which belong to URLs"},
    {KEY_HOST, "h/db", "\"h/db\" holds a \"/\""},
    {KEY_HOST, "-h", "\"-h\" cannot be a host"},
    {KEY_HOST, "*", "\"*\" cannot be a host"},
    {KEY_HOST, "~/socket", "\"~\" is not expanded"},
    {KEY_DBNAME, "postgresql://u:hunter5@x/y",
     "\"postgresql://u:...\" is a connection string, not a database"},
    {KEY_DBNAME, "host=evil password=hunter5",
     "\"host=evil password=...\" is a connection string, not a database"},
    {KEY_HOST, "@socket", "\"@socket\" is an abstract socket, which is not supported"},
    {KEY_HOSTADDR, "db.example.com",
     "\"db.example.com\" is not one IPv4 or IPv6 address"},
    {KEY_HOSTADDR, "10.0.0.1,10.0.0.2",
     "\"10.0.0.1,10.0.0.2\" is not one IPv4 or IPv6 address"},
    {KEY_USER, "a\nb", "holds a control character"},
    {KEY_USER, "a\xff", "is not valid UTF-8"},
    {KEY_SSLCERT, "~/a", "\"~\" is not expanded"},
    {KEY_REQUIRE_AUTH, "scram", "\"scram\" is not a list of authentication methods"},
    {KEY_REQUIRE_AUTH, "md5 none",
     "\"md5 none\" is not a list of authentication methods"},
    {KEY_THRESHOLDS_LATENCY_WARN, "200", "200 needs a unit: 200ms, 200s or 200m"},
    {KEY_THRESHOLDS_LATENCY_WARN, "1s:10", "10 needs a unit: 10ms, 10s or 10m"},
    {KEY_THRESHOLDS_LATENCY_WARN, "1234567890123", "\"1234567890123\" lacks a unit"},
    {KEY_THRESHOLDS_LATENCY_WARN, "16MB", "\"16MB\" has an unknown unit"},
    {KEY_THRESHOLDS_LATENCY_WARN, "5s:1s",
     "\"5s:1s\" begins behind its end: write 1s:5s"},
    {KEY_THRESHOLDS_LATENCY_WARN, "@5s:1s",
     "\"@5s:1s\" begins behind its end: write @1s:5s"},
    {KEY_THRESHOLDS_LATENCY_WARN, "~:-1s",
     "\"-1s\" is below 0, where latency never is"},
    {KEY_THRESHOLDS_CERT_EXPIRY_WARN, "-1d",
     "\"-1d\" begins at 0, behind its end: write ~:-1d"},
    {KEY_THRESHOLDS_LAG_BYTES_WARN, "16", "16 needs a unit: 16kB, 16MB or 16GB"},
    {KEY_THRESHOLDS_CONNECTIONS_WARN, "0.8", "0.8 needs a unit: 0.8%"},
    {KEY_THRESHOLDS_CONNECTIONS_WARN, "80%:101%", "\"101%\" is too large"},
    {KEY_THRESHOLDS_LATENCY_WARN, "~", "\"~\" is not a range"},
    {KEY_THRESHOLDS_LAG_BYTES_WARN, "", "\"\" is not a range"},
};

static void says_what_is_wrong(void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        union value value;
        struct value_error problem = {.message = "nothing"};
        bool good = value_read(bad[i].key, bad[i].text, &value, &problem);
        assert_string_equal(problem.message, bad[i].message);
        assert_false(good);
    }
}

static void never_repeats_control_bytes_or_endless_text(void **state)
{
    char text[4096];
    union value value;
    struct value_error problem;
    memset(text, '7', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_false(value_read(KEY_PORT, text, &value, &problem));
    assert_true(strlen(problem.message) < 200);
    assert_false(value_read(KEY_CONNECT_TIMEOUT, text, &value, &problem));
    assert_true(strlen(problem.message) < 200);
    text[0] = '\x1b';
    assert_false(value_read(KEY_NAME, text, &value, &problem));
    assert_null(strchr(problem.message, '\x1b'));
}

/* Of what a variable brought, not even a part is quoted. */
static void ranges_are_quoted_as_they_are_written(void **state)
{
    static const char *const texts[] = {"5", "5:1s", "hunter2", "9s:1s", "1s:7MB"};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        union value value;
        struct value_error problem = {.message = ""};
        assert_false(value_read_expanded(KEY_THRESHOLDS_LATENCY_WARN, texts[i], "${X}",
                                         &value, &problem));
        assert_int_equal(strncmp(problem.message, "\"${X}\" ", 7), 0);
        assert_null(strpbrk(problem.message, "0123456789"));
    }
}

static void secrets_are_read_from_files(void **state)
{
    static const struct {
        const char *content, *message;
        unsigned mode;
    } stories[] = {
        {"hunter2\n", "", 0600},
        {"hunter2", "", 0400},
        {"hunter2\r\n", "", 0600},
        {"hunter2\n", "can be read by others than its owner", 0640},
        {"hunter2\n", "can be read by others than its owner", 0604},
        {"", "is empty", 0600},
        {"\n", "is empty", 0600},
        {"hunter2\nhunter3\n", "holds more than one line", 0600},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++) {
        const char *path = stage_write("pw", stories[i].content, stories[i].mode);
        union value value;
        struct value_error problem = {.message = ""};
        bool good = value_read(KEY_PASSWORD_FILE, path, &value, &problem);
        if (*stories[i].message)
            assert_non_null(strstr(problem.message, stories[i].message));
        assert_null(strstr(problem.message, "hunter"));
        assert_int_equal(good, *stories[i].message == '\0');
        if (good) {
            assert_string_equal(value.secret, "hunter2");
            memory_wipe_str(value.secret);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_numbers_of_every_kind),
        cmocka_unit_test(reads_shares_and_ratios),
        cmocka_unit_test(reads_ranges_in_the_unit_of_their_metric),
        cmocka_unit_test(every_metric_has_its_two_keys),
        cmocka_unit_test(words_that_are_right_are_taken),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(never_repeats_control_bytes_or_endless_text),
        cmocka_unit_test(ranges_are_quoted_as_they_are_written),
        cmocka_unit_test(secrets_are_read_from_files),
    };
    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}
