#include "cli/shared/pull_loop.h"

#include "base/clock.h"

bool pull_loop_run(const struct fleet_session *session, const char *command,
                   const struct pull_source *source, struct pull_report *ret_report,
                   struct pgcensus_error *ret_error)
{
    const struct process *process = session->process;
    struct pull_report report = {.started_wall = clock_wall()};
    nsec started = clock_now();
    if (!source->start(source->run, ret_error))
        return false;

    struct progress progress;
    progress_init(&progress, command, pgcensus_fleet_size(session->fleet),
                  terminal_redraws(&process->terminal) && !session->output->quiet,
                  started);
    enum pull_turn turn = PULL_MORE;
    while (turn == PULL_MORE) {
        nsec max_wait = progress_pause(&progress, clock_now());
        turn = source->turn(source->run, max_wait, &progress, ret_error);
        if (turn != PULL_MORE)
            break;
        bool obeyed = report.signal != 0;
        report.signal = signals_take(process->signals);
        if (report.signal && !obeyed)
            source->stop(source->run, "interrupted");
        progress_show(&progress, clock_now());
    }
    progress_erase(&progress);
    report.elapsed = clock_now() - started;
    *ret_report = report;
    return turn == PULL_END;
}
