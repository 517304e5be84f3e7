/* SPDX-License-Identifier: MIT */

/*
 * What may be called from inside which callback, cell by cell of callback_table.h: a fresh encoder is brought to where
 * that callback runs, and from inside it that function is called, once. What it returns is held against the cell, and
 * then everything has to end: each completion, each release and on_destroy exactly once, and nothing may hang. Every
 * cell comes with callbacks on threads of the library and inside a pump, with nobody else about and with other threads
 * that use the same encoder meanwhile.
 *
 * usage: test_callback_table [--print | PART], where PART is a part of the names of cells: goes through those only.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../support/recorder.h"
#include "callback_cell.h"

static const char *const company_names[] = {"alone", "the queue full", "in a crowd"};
static const char *const delivery_names[] = {"thread", "pump"};

/* Ends the program, with the name of the cell, where one takes too long. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    const char *name; /* of the cell */
    unsigned number;  /* counts cells */
    bool must_stop;
} watchdog = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .name = "no cell"};

static void *watch(void *unused)
{
    pthread_mutex_lock(&watchdog.lock);
    while (!watchdog.must_stop) {
        unsigned number = watchdog.number;
        struct timespec deadline;
        int error = 0;

        timespec_get(&deadline, TIME_UTC);
        deadline.tv_sec += DEADLINE_SECONDS;
        while (watchdog.number == number && !watchdog.must_stop && error == 0)
            error = pthread_cond_timedwait(&watchdog.changed, &watchdog.lock, &deadline);
        if (watchdog.number == number && !watchdog.must_stop) {
            (void)fprintf(stderr, "%s: hangs\n", watchdog.name);
            abort();
        }
    }
    pthread_mutex_unlock(&watchdog.lock);
    return unused;
}

static void watch_cell(const char *name)
{
    pthread_mutex_lock(&watchdog.lock);
    watchdog.name = name;
    watchdog.number++;
    pthread_cond_signal(&watchdog.changed);
    pthread_mutex_unlock(&watchdog.lock);
}

static int start_watchdog(void **state)
{
    (void)state;
    return pthread_create(&watchdog.thread, NULL, watch, NULL);
}

static int stop_watchdog(void **state)
{
    (void)state;
    pthread_mutex_lock(&watchdog.lock);
    watchdog.must_stop = true;
    pthread_cond_signal(&watchdog.changed);
    pthread_mutex_unlock(&watchdog.lock);
    return pthread_join(watchdog.thread, NULL);
}

/* The crowd. */

static void ask_state(struct member *member)
{
    (void)wcenc_encoder_get_state(member->encoder);
}

static void ask_stats(struct member *member)
{
    (void)read_stats(member->cell, member->encoder);
}

static void encode_some(struct member *member)
{
    /* Also asks for the queue's size, or frames would come faster than they can be encoded. */
    if (wcenc_encoder_get_queue_size(member->encoder) < 4)
        (void)wcenc_encoder_encode(member->encoder, member->frame, NULL);
}

static void reset_all(struct member *member)
{
    (void)wcenc_encoder_reset(member->encoder);
}

static void configure_again(struct member *member)
{
    (void)wcenc_encoder_configure(member->encoder, &cell_config);
}

static void flush_for_no_time(struct member *member)
{
    (void)wcenc_encoder_flush_timeout(member->encoder, 0);
}

static void pump_for_no_time(struct member *member)
{
    (void)wcenc_encoder_pump(member->encoder, 0, 0, NULL);
}

static void (*const actions[])(struct member *member) = {
    ask_state, encode_some, ask_stats, pump_for_no_time, reset_all, configure_again, encode_some, flush_for_no_time,
};

enum { ACTION_COUNT = sizeof actions / sizeof actions[0] };

static void *use_encoder(void *argument)
{
    struct member *member = argument;
    struct cell *cell = member->cell;

    wait_for_count(&cell->crowd_may_come, 1);
    while (!is_set(&cell->crowd_must_leave)) {
        for (size_t i = 0; i < ACTION_COUNT; i++)
            actions[(member->first + i) % ACTION_COUNT](member);
        count(&member->rounds);
    }
    wcenc_encoder_unref(member->encoder);
    wcenc_frame_unref(member->frame);
    return NULL;
}

static void let_crowd_in(struct cell *cell)
{
    for (int i = 0; i < CROWD; i++) {
        struct member *member = &cell->crowd[i];

        *member = (struct member){.cell = cell,
                                  .encoder = wcenc_encoder_ref(cell->encoder),
                                  .frame = cell_lend(cell, false),
                                  .first = (size_t)i * ACTION_COUNT / CROWD};
        assert_int_equal(pthread_create(&member->thread, NULL, use_encoder, member), 0);
    }
}

static void let_crowd_out(struct cell *cell)
{
    set_flag(&cell->crowd_must_leave);
    for (int i = 0; i < CROWD; i++)
        pthread_join(cell->crowd[i].thread, NULL);
}

/* A cell from its beginning to its end. */

/* Waits for what a callback counts, and pumps where that is what callbacks come from. */
static void see_told(struct cell *cell, bool comes_in_pump, const int *counter, int least)
{
    int64_t timeout_us = cell->company == CROWDED ? PUMP_SLICE_US : -1;

    if (cell->delivery == WCENC_DELIVERY_PUMP && comes_in_pump)
        while (read_count(counter) < least && !is_set(&cell->is_gone)) {
            wcenc_status status = wcenc_encoder_pump(cell->encoder, 0, timeout_us, NULL);

            if (status != WCENC_OK && status != WCENC_AGAIN && read_count(counter) < least) {
                expect_status(cell, WCENC_OK, status);
                return;
            }
        }
    wait_for_count(counter, least);
}

static void see_completions(struct cell *cell)
{
    if (is_set(&cell->is_gone))
        return;
    see_told(cell, true, &cell->flushes_told, read_count(&cell->flushes_owed));
    see_told(cell, true, &cell->closes_told, read_count(&cell->closes_owed));
}

static void expect_destroyed(struct cell *cell, int wanted)
{
    expect(cell, read_count(&cell->reported[COLUMN_on_destroy]) == wanted,
           wanted ? "on_destroy did not come once" : "on_destroy came before the last reference was given up");
}

/* Releases the references that are left, the crowd's last. */
static void end_cell(struct cell *cell)
{
    bool is_gone = is_set(&cell->is_gone), is_crowded = cell->company == CROWDED;

    if (!is_gone) {
        expect_destroyed(cell, 0);
        wcenc_encoder_destroy(cell->encoder);
    }
    for (int i = read_count(&cell->further_references); i > 0; i--) {
        expect_destroyed(cell, 0);
        wcenc_encoder_unref(cell->encoder);
    }
    if (is_crowded) {
        expect_destroyed(cell, 0);
        let_crowd_out(cell);
    }
    if (is_gone && !is_crowded)
        wait_for_count(&cell->reported[COLUMN_on_destroy], 1);
    if (cell->kept) {
        expect(cell, wcenc_chunk_get_byte_length(cell->kept) > 0, "a chunk that was kept is empty");
        wcenc_chunk_unref(cell->kept);
    }
    wcenc_chunk_unref(cell->chunk);
    wcenc_frame_unref(cell->frame);
}

/* At its end, and once more when all cells are over. */
static void check_ended(struct cell *cell)
{
    expect_destroyed(cell, 1);
    expect(cell, read_count(&cell->call_ended) == 1, "the call was not made once");
    expect(cell, read_count(&cell->reported[COLUMN_error]) <= 1, "an error came twice");
    expect(cell, read_count(&cell->reported[COLUMN_flush_done]) == read_count(&cell->asked[COLUMN_flush_done]),
           "a flush was not reported once");
    expect(cell, read_count(&cell->reported[COLUMN_close_done]) == read_count(&cell->asked[COLUMN_close_done]),
           "a close was not reported once");
    expect(cell, read_count(&cell->flushes_told) == read_count(&cell->flushes_owed),
           "a flush from inside was not reported once");
    expect(cell, read_count(&cell->closes_told) == read_count(&cell->closes_owed),
           "a close from inside was not reported once");
    for (int i = 0; i < cell->loan_count; i++)
        expect(cell, read_count(&cell->loans[i].releases) == 1, "borrowed pixels were not released once");
}

static void run_cell(struct cell *cell)
{
    watch_cell(cell->name);
    cell_prepare(cell);
    if (cell->company == CROWDED)
        let_crowd_in(cell);
    cell->way->bring_about(cell);
    see_told(cell, cell->way->comes_in_pump, &cell->call_ended, 1);
    see_completions(cell);
    end_cell(cell);
    check_ended(cell);
}

static bool is_there(const struct cell *cell)
{
    const char letter = cell->letter;

    if (letter == '-' || (cell->way->needs_pump && cell->delivery != WCENC_DELIVERY_PUMP))
        return false;
    if (cell->company == FULL_QUEUE)
        return letter == 'f' && !cell->way->policy;
    return cell->company != CROWDED || !cell->way->is_end;
}

static const char *wanted_part = "";

/* Runs it, and adds it to the list of those that were run, if there is such a cell. */
static void run_wanted_cell(struct cell **list, const struct cell *wanted)
{
    struct cell *cell;

    if (!is_there(wanted))
        return;
    cell = calloc(1, sizeof *cell);
    assert_non_null(cell);
    *cell = *wanted;
    (void)snprintf(cell->name, sizeof cell->name, "%s, %s %s, %s, %s", delivery_names[cell->delivery],
                   columns[cell->column].name, cell->way->name, cell->row->name, company_names[cell->company]);
    if (!strstr(cell->name, wanted_part)) {
        free(cell);
        return;
    }
    cell->next = *list;
    *list = cell;
    run_cell(cell);
}

static void run_column(struct cell **list, int32_t delivery, enum company company, enum column column)
{
    for (const struct way *way = columns[column].ways; way->name; way++)
        for (const struct row *row = rows; row < rows + ROW_COUNT; row++)
            run_wanted_cell(list, &(struct cell){.delivery = delivery,
                                                 .company = company,
                                                 .column = column,
                                                 .way = way,
                                                 .row = row,
                                                 .letter = row->cells[column]});
}

static void run_table(int32_t delivery, enum company company)
{
    struct cell *list = NULL;
    int complaints = complaint_count(), cells = 0;

    for (int column = 0; column < COLUMN_COUNT; column++)
        run_column(&list, delivery, company, (enum column)column);
    watch_cell("the end of the table");
    while (list) {
        struct cell *next = list->next;

        check_ended(list);
        free(list);
        list = next;
        cells++;
    }
    print_message("%d cells\n", cells);
    assert_int_equal(complaint_count(), complaints); /* OUT-008, THR-003, THR-004 */
}

static void test_every_cell_is_filled_in(void **state)
{
    (void)state;
    for (int row = 0; row < ROW_COUNT; row++)
        for (int column = 0; column < COLUMN_COUNT; column++)
            if (!memchr("+cdf-", rows[row].cells[column], 5))
                fail_msg("%s, %s: `%c` has no meaning", columns[column].name, rows[row].name, rows[row].cells[column]);
}

static void test_the_table_holds_with_callbacks_on_threads_of_the_library(void **state)
{
    (void)state;
    run_table(WCENC_DELIVERY_THREAD, ALONE);
}

static void test_the_table_holds_with_callbacks_inside_a_pump(void **state)
{
    (void)state;
    run_table(WCENC_DELIVERY_PUMP, ALONE);
}

static void test_encode_inside_a_callback_does_not_wait_for_room(void **state)
{
    (void)state;
    run_table(WCENC_DELIVERY_THREAD, FULL_QUEUE);
    run_table(WCENC_DELIVERY_PUMP, FULL_QUEUE);
}

static void test_the_table_holds_on_threads_of_the_library_while_others_use_the_encoder(void **state)
{
    (void)state;
    run_table(WCENC_DELIVERY_THREAD, CROWDED);
}

static void test_the_table_holds_inside_a_pump_while_others_use_the_encoder(void **state)
{
    (void)state;
    run_table(WCENC_DELIVERY_PUMP, CROWDED);
}

static int find_codec(void)
{
    static const char *const codecs[] = {"avc1.42001e", "vp8", "vp09.00.10.08", "hvc1.1.6.L93.B0", "av01.0.04M.08"};

    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++) {
        cell_config = config_for(codecs[i], CELL_WIDTH, CELL_HEIGHT);
        cell_config.latency_mode = WCENC_LATENCY_REALTIME;
        cell_config.threads = 1;
        if (config_works(&cell_config))
            return 0;
    }
    return -1;
}

static int begin(void **state)
{
    return find_codec() == 0 ? start_watchdog(state) : -1;
}

/* As it stands in encoder.h. */
static void print_table(void)
{
    int widest = 0;

    for (int row = 0; row < ROW_COUNT; row++)
        widest = (int)strlen(rows[row].name) > widest ? (int)strlen(rows[row].name) : widest;
    printf(" *     %*s", widest, "");
    for (int column = 0; column < COLUMN_COUNT; column++)
        printf(" %s", columns[column].name);
    for (int row = 0; row < ROW_COUNT; row++) {
        int gap = 1;

        printf("\n *     %-*s", widest, rows[row].name);
        for (int column = 0; column < COLUMN_COUNT; column++) {
            printf("%*s%c", gap, "", rows[row].cells[column]);
            gap = (int)strlen(columns[column].name);
        }
    }
    printf("\n");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cell_is_filled_in),
        cmocka_unit_test(test_the_table_holds_with_callbacks_on_threads_of_the_library),
        cmocka_unit_test(test_the_table_holds_with_callbacks_inside_a_pump),
        cmocka_unit_test(test_encode_inside_a_callback_does_not_wait_for_room),
        cmocka_unit_test(test_the_table_holds_on_threads_of_the_library_while_others_use_the_encoder),
        cmocka_unit_test(test_the_table_holds_inside_a_pump_while_others_use_the_encoder),
    };

    if (argc > 1 && strcmp(argv[1], "--print") == 0) {
        print_table();
        return 0;
    }
    if (argc > 1)
        wanted_part = argv[1];
    return cmocka_run_group_tests(tests, begin, stop_watchdog);
}
