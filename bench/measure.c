/* Runs one command and says what it cost.
 *
 *     measure SECONDS COMMAND [ARG]...
 *
 * Prints "WALL_US CPU_US RSS_KB STATUS": user and system time of the command and of
 * everything that it waited for, the peak memory of its largest process, its exit
 * status (128 + n after signal n).  The command's own output is thrown away.  After
 * SECONDS it is killed with its whole process group.
 *
 * A program of its own, not a few lines of Python, because of one surprise: at exec()
 * Linux carries the peak memory of the spawning process over to the spawned one, and an
 * interpreter's 12 MB would hide everything below it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t child;

static void on_alarm(int signal_number)
{
    (void)signal_number;
    if (child > 0)
        kill(-(pid_t)child, SIGKILL);
}

static long long now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static long long us(struct timeval t)
{
    return t.tv_sec * 1000000LL + t.tv_usec;
}

static int spawn(pid_t *ret_pid, char **argv)
{
    posix_spawn_file_actions_t streams;
    posix_spawnattr_t group;
    posix_spawn_file_actions_init(&streams);
    posix_spawn_file_actions_addopen(&streams, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&streams, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&streams, 1, 2);
    posix_spawnattr_init(&group);
    posix_spawnattr_setpgroup(&group, 0);
    posix_spawnattr_setflags(&group, POSIX_SPAWN_SETPGROUP);
    int error = posix_spawnp(ret_pid, argv[0], &streams, &group, argv, environ);
    posix_spawnattr_destroy(&group);
    posix_spawn_file_actions_destroy(&streams);
    return error;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: measure SECONDS COMMAND [ARG]...\n", stderr);
        return 2;
    }
    signal(SIGALRM, on_alarm);

    pid_t pid;
    long long start = now_us();
    int error = spawn(&pid, argv + 2);
    if (error) {
        fprintf(stderr, "measure: %s: %s\n", argv[2], strerror(error));
        return 2;
    }
    child = pid;
    alarm((unsigned)strtoul(argv[1], NULL, 10));

    int status;
    struct rusage usage;
    while (wait4(pid, &status, 0, &usage) < 0 && errno == EINTR)
        continue;
    long long wall = now_us() - start, cpu = us(usage.ru_utime) + us(usage.ru_stime);
    printf("%lld %lld %ld %d\n", wall, cpu, usage.ru_maxrss,
           WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}
