/* SPDX-License-Identifier: MIT */

/* For sched_yield. */
#define _POSIX_C_SOURCE 200809L

#include "callbacks.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "episode.h"
#include "inputs.h"
#include "report.h"
#include "subject.h"

/* What the library calls, and what must hold then. */

enum { REENTER_CALLBACK = 250, REENTER_NOTICE = 80 }; /* of a thousand */

/* True where a callback may come from here: where the program pumps, or on a thread of the library. */
static bool is_right_origin(const struct subject *subject, const struct scope *outer, bool is_completion)
{
    if (subject_is(subject, WCENC_DELIVERY_THREAD))
        return !outer && !scope_is_own_thread();
    /* An encoder whose last reference went inside a callback is ended by any thread of the library. */
    if (!outer)
        return is_completion && !scope_is_own_thread() && atomic_load(&subject->references) == 0;
    return outer->subject == subject &&
           (outer->kind == SCOPE_PUMPING || (outer->kind == SCOPE_ENDING && is_completion));
}

/* Of the callbacks that run one at a time. */
static void begin(struct subject *subject, struct scope *scope, const char *name, bool is_completion)
{
    if (!is_right_origin(subject, scope_innermost(), is_completion))
        violation(subject, "%s was called from where it must not be: %s", name,
                  scope_innermost() ? scope_innermost()->name : "outside of all calls");
    scope_enter(scope, SCOPE_CALLBACK, name, subject, subject->number);
    if (atomic_exchange_explicit(&subject->is_inside, true, memory_order_relaxed))
        violation(subject, "%s was called while another callback ran", name);
    if (atomic_load_explicit(&subject->destroys, memory_order_relaxed) > 0)
        violation(subject, "%s was called after on_destroy", name);
    if (atomic_load_explicit(&subject->all_is_reported, memory_order_relaxed))
        violation(subject, "%s was called after a pump had said that nothing is left", name);
    if (is_completion)
        return;
    if (atomic_load_explicit(&subject->close_is_over, memory_order_relaxed))
        violation(subject, "%s was called after close had returned", name);
    if (subject->closed_inside)
        violation(subject, "%s was called after the callback in which the encoder was closed", name);
}

static void end(struct subject *subject, const struct scope *scope)
{
    subject->at_end = look_at_encodes(subject);
    atomic_store_explicit(&subject->is_inside, false, memory_order_relaxed);
    scope_leave(scope);
}

static void reenter(struct subject *subject)
{
    if (random_chance(&subject->random, REENTER_CALLBACK))
        reenter_from_callback(subject, &subject->random);
}

static void set_told(struct record *record)
{
    if (record)
        atomic_store_explicit(&record->is_reported, true, memory_order_relaxed);
}

static void check_no_error_before(const struct subject *subject, const char *what)
{
    if (atomic_load_explicit(&subject->errors, memory_order_relaxed) > 0)
        violation(subject, "%s came after the error", what);
}

/* The greater of the two floors of a callback; a reset from outside may have come while this one was on its way. */
static struct record *take_chunk(struct subject *subject, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    uint64_t resets = atomic_load_explicit(&subject->resets, memory_order_acquire);

    return resets > subject->floor ? ledger_take_chunk(subject, chunk, metadata, resets, LATE_ONCE)
                                   : ledger_take_chunk(subject, chunk, metadata, subject->floor, LATE_NEVER);
}

void callback_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    struct subject *subject = user;
    struct record *record;
    struct scope scope;

    begin(subject, &scope, "on_output", false);
    check_no_error_before(subject, "a chunk");
    record = take_chunk(subject, chunk, metadata);
    subject_keep(subject, chunk);
    reenter(subject);
    set_told(record);
    end(subject, &scope);
}

void callback_drop(void *user, const wcenc_drop *drop)
{
    struct subject *subject = user;
    uint64_t resets = atomic_load_explicit(&subject->resets, memory_order_acquire);
    struct record *record;
    struct scope scope;

    begin(subject, &scope, "on_drop", false);
    check_no_error_before(subject, "a drop");
    record = resets > subject->floor ? ledger_take_drop(subject, drop, resets, LATE_ONCE)
                                     : ledger_take_drop(subject, drop, subject->floor, LATE_NEVER);
    reenter(subject);
    set_told(record);
    end(subject, &scope);
}

/* What is configured here either works or is refused: no encoder fails later. */
static void take_error(struct subject *subject, const wcenc_error *error)
{
    outcome_count(OUTCOME_ERROR);
    if (atomic_fetch_add_explicit(&subject->errors, 1, memory_order_relaxed) > 0)
        violation(subject, "an error was reported twice");
    atomic_store_explicit(&subject->error_status, error->status, memory_order_relaxed);
    if (error->status != WCENC_ERROR_NOT_SUPPORTED)
        violation(subject, "the encoder failed: %s", error->message);
    if (!error->message || strchr(error->message, '\n'))
        violation(subject, "an error has no message, or one of several lines");
    if (wcenc_encoder_get_state(subject->encoder) != WCENC_STATE_CLOSED)
        violation(subject, "an error was reported and the encoder is not closed");
    atomic_store_explicit(&subject->is_closed, true, memory_order_relaxed);
}

void callback_error(void *user, const wcenc_error *error)
{
    struct subject *subject = user;
    struct scope scope;

    begin(subject, &scope, "on_error", false);
    take_error(subject, error);
    reenter(subject);
    atomic_store_explicit(&subject->error_is_reported, true, memory_order_relaxed);
    end(subject, &scope);
}

/* `is_after_error`: the error was reported before this event was taken, not only before it is looked at. */
static void count_dequeue(struct subject *subject, uint32_t size, bool is_after_error)
{
    outcome_count(OUTCOME_DEQUEUE);
    if (!is_after_error)
        return;
    /* The error has emptied the queue, which is reported once. */
    if (size != 0 || (subject_is_serial(subject) && subject->dequeues_after_error++ > 0))
        violation(subject, "a dequeue came after the error and was not the last, with nothing queued");
}

/* If nobody has begun to add a frame from before the last size was taken until now, there are fewer now. */
static void check_decrease(const struct subject *subject, const struct seen *before)
{
    unsigned encodes = atomic_load_explicit(&subject->ledger.count, memory_order_relaxed);

    if (before->is_known && before->was_still && before->encodes == encodes && subject->seen.size >= before->size)
        violation(subject,
                  "a dequeue callback reported %u frames in the queue and the one before %u, and none was added",
                  (unsigned)subject->seen.size, (unsigned)before->size);
}

void callback_dequeue(void *user, uint32_t queue_size)
{
    struct subject *subject = user;
    struct seen before;
    struct scope scope;

    begin(subject, &scope, "on_dequeue", false);
    before = subject->seen;
    /* The size was taken after the last callback had ended. */
    subject->seen = subject->at_end;
    subject->seen.size = queue_size;
    count_dequeue(subject, queue_size, atomic_load_explicit(&subject->errors, memory_order_relaxed) > 0);
    check_decrease(subject, &before);
    reenter(subject);
    end(subject, &scope);
}

void callback_done(void *user, wcenc_status status)
{
    struct request *request = user;
    struct subject *subject = request->subject;
    struct scope scope;

    begin(subject, &scope, request->is_close ? "done of a close" : "done of a flush", true);
    request_take(request, status);
    reenter(subject);
    end(subject, &scope);
}

/* on_wakeup, log and release: on any thread, at any time, inside of anything. */
static void notice(struct subject *subject, const char *name)
{
    struct random random =
        random_part(subject->seed, 1000u + atomic_fetch_add_explicit(&subject->notices, 1, memory_order_relaxed));
    struct scope scope;

    scope_enter(&scope, SCOPE_NOTICE, name, subject, subject->number);
    if (atomic_load_explicit(&subject->destroys, memory_order_relaxed) > 0)
        violation(subject, "%s was called after on_destroy", name);
    if (random_chance(&random, REENTER_NOTICE))
        reenter_from_notice(subject, &random);
    scope_leave(&scope);
}

void callback_wakeup(void *user)
{
    struct subject *subject = user;

    outcome_count(OUTCOME_WAKEUP);
    pthread_mutex_lock(&subject->lock);
    subject->wants_pump = true;
    pthread_cond_broadcast(&subject->changed);
    pthread_mutex_unlock(&subject->lock);
    notice(subject, "on_wakeup");
}

void callback_log(void *user, wcenc_log_level level, const char *message)
{
    struct subject *subject = user;

    outcome_count(OUTCOME_LOG);
    if (!message || level < WCENC_LOG_ERROR || level > subject->desc.log_level)
        violation(subject, "a message of level %d was logged", (int)level);
    notice(subject, "log");
}

void callback_release(void *user)
{
    struct loan *loan = user;
    struct subject *subject = atomic_load_explicit(&loan->subject, memory_order_relaxed);

    outcome_count(OUTCOME_RELEASE);
    if (atomic_fetch_add_explicit(&loan->releases, 1, memory_order_relaxed) > 0) {
        violation(subject, "borrowed memory was released twice");
        return;
    }
    /* Written to first: a thread that still reads it races with that. */
    memset(loan->pixels, 0xaa, loan->size);
    free(loan->pixels);
    if (subject)
        notice(subject, "release");
}

void callback_destroy(void *user)
{
    struct subject *subject = user;

    if (atomic_load(&subject->destroys) > 0)
        violation(subject, "on_destroy was called twice");
    if (atomic_load_explicit(&subject->is_inside, memory_order_relaxed))
        violation(subject, "on_destroy was called while a callback ran");
    if (atomic_load(&subject->references) > 0)
        violation(subject, "on_destroy was called while there were references");
    loans_check_subject(&subject->episode->loans, subject);
    pthread_mutex_lock(&subject->lock);
    atomic_fetch_add(&subject->destroys, 1);
    pthread_cond_broadcast(&subject->changed);
    pthread_mutex_unlock(&subject->lock);
}

struct before_event event_expect(const struct subject *subject)
{
    return (struct before_event){
        .resets = atomic_load_explicit(&subject->resets, memory_order_acquire),
        .close_is_over = atomic_load_explicit(&subject->close_is_over, memory_order_relaxed),
        .all_is_reported = atomic_load_explicit(&subject->all_is_reported, memory_order_relaxed),
        .has_failed = atomic_load_explicit(&subject->errors, memory_order_relaxed) > 0,
    };
}

static void check_members(const struct subject *subject, const wcenc_event *event)
{
    bool is_output = event->type == WCENC_EVENT_OUTPUT;
    bool is_completion = event->type == WCENC_EVENT_FLUSH_DONE || event->type == WCENC_EVENT_CLOSE_DONE;

    if ((event->chunk != NULL) != is_output || (event->metadata != NULL) != is_output ||
        (event->error != NULL) != (event->type == WCENC_EVENT_ERROR) ||
        (event->drop != NULL) != (event->type == WCENC_EVENT_DROP) || (event->user != NULL) != is_completion)
        violation(subject, "an event of type %d has members that it should not have, or lacks some", (int)event->type);
    if (event->type == WCENC_EVENT_ERROR ? event->status != event->error->status
                                         : !is_completion && event->status != WCENC_OK)
        violation(subject, "an event of type %d has the status %s", (int)event->type, wcenc_status_name(event->status));
}

void event_take(struct subject *subject, const wcenc_event *event, const struct before_event *before)
{
    bool is_completion = event->type == WCENC_EVENT_FLUSH_DONE || event->type == WCENC_EVENT_CLOSE_DONE;

    check_members(subject, event);
    if (before->all_is_reported)
        violation(subject, "an event of type %d was received after all had been delivered", (int)event->type);
    if (before->close_is_over && !is_completion)
        violation(subject, "an event of type %d was received after close had returned", (int)event->type);
    switch (event->type) {
    case WCENC_EVENT_OUTPUT:
        set_told(ledger_take_chunk(subject, event->chunk, event->metadata, before->resets, LATE_NEVER));
        subject_keep(subject, event->chunk);
        break;
    case WCENC_EVENT_ERROR:
        take_error(subject, event->error);
        atomic_store_explicit(&subject->error_is_reported, true, memory_order_relaxed);
        break;
    case WCENC_EVENT_DROP:
        set_told(ledger_take_drop(subject, event->drop, before->resets, LATE_NEVER));
        break;
    case WCENC_EVENT_DEQUEUE:
        count_dequeue(subject, event->queue_size, before->has_failed);
        break;
    default:
        request_take(event->user, event->status);
        break;
    }
}

/* What callbacks call in turn. */

/* Callbacks that call what calls callbacks: not without end. */
enum { DEPTH_MAX = 3 };

struct reentry {
    uint32_t weight;        /* in a callback */
    uint32_t notice_weight; /* in on_wakeup, log and release */
    void (*call)(struct subject *subject, struct random *random);
    bool only_looks; /* may go on where the encoder is to come to rest */
};

static void reset(struct subject *subject, struct random *random)
{
    (void)random;
    call_reset(subject);
}

/* Most callbacks that reset go on at once. */
static void reset_and_configure(struct subject *subject, struct random *random)
{
    call_reset(subject);
    call_configure(subject, random);
}

static void encode_some(struct subject *subject, struct random *random)
{
    for (uint32_t i = random_between(random, 1, 2); i > 0; i--)
        call_encode(subject, random);
}

static void flush(struct subject *subject, struct random *random)
{
    (void)call_flush(subject, random_chance(random, 500) ? WITHOUT_TIMEOUT : (int64_t)random_below(random, 1000));
}

static void flush_async(struct subject *subject, struct random *random)
{
    (void)call_flush_async(subject, random);
}

static void close_it(struct subject *subject, struct random *random)
{
    (void)random;
    (void)call_close(subject);
}

static void close_async(struct subject *subject, struct random *random)
{
    (void)call_close_async(subject, random);
}

/* Releases one of the references that callbacks have, and names the encoder no more. */
static void destroy(struct subject *subject, struct random *random)
{
    if (!subject_take_from_pool(subject))
        return;
    if (random_chance(random, 700))
        call_destroy(subject);
    else
        call_unref(subject);
}

static void ask(struct subject *subject, struct random *random)
{
    wcenc_stats stats;

    (void)random;
    (void)call_stats(subject, &stats);
    call_state(subject);
    (void)call_queue_size(subject);
    (void)call_event_fd(subject);
}

static void pump(struct subject *subject, struct random *random)
{
    /* It does not wait where it is refused; a frame that the test releases may be released outside of all callbacks.
     */
    bool may_wait = random_chance(random, 500) && scope_inside(subject) != INSIDE_NOTHING;

    (void)call_pump(subject, random_below(random, 3), may_wait ? -1 : 0);
}

static void receive(struct subject *subject, struct random *random)
{
    (void)random;
    (void)call_receive(subject, 0);
}

static void ref_and_unref(struct subject *subject, struct random *random)
{
    (void)random;
    subject_ref(subject);
    call_unref(subject);
}

/* A callback that takes its time, so that others come while it runs. */
static void linger(struct subject *subject, struct random *random)
{
    (void)subject;
    for (uint32_t i = random_between(random, 1, 30); i > 0; i--)
        (void)sched_yield();
}

static const struct reentry reentries[] = {
    {150, 100, linger, true},        {30, 40, reset, false},         {50, 40, reset_and_configure, false},
    {40, 40, call_configure, false}, {280, 200, encode_some, false}, {60, 60, flush, false},
    {100, 100, flush_async, false},  {6, 10, close_it, false},       {8, 10, close_async, false},
    {160, 60, destroy, false},       {120, 250, ask, true},          {40, 40, pump, false},
    {20, 40, receive, false},        {60, 60, ref_and_unref, false},
};

enum { REENTRY_COUNT = sizeof reentries / sizeof reentries[0] };

/* Nobody else has a reference: the last one goes here, and with it the encoder, once the callback has returned. */
static void destroy_all(struct subject *subject)
{
    while (subject_take_from_pool(subject))
        call_destroy(subject);
}

static bool begin_call_in(struct subject *subject, const struct reentry *row)
{
    if (scope_depth() > DEPTH_MAX)
        return false;
    return row->only_looks ? subject->may_call_in && !atomic_load(&subject->is_alone) : subject_begin_reentry(subject);
}

static void end_call_in(struct subject *subject, const struct reentry *row)
{
    if (!row->only_looks)
        subject_end_reentry(subject);
}

void reenter_from_callback(struct subject *subject, struct random *random)
{
    const struct reentry *row =
        &reentries[random_weighted(random, &reentries[0].weight, REENTRY_COUNT, sizeof reentries[0])];

    if (atomic_load(&subject->is_alone)) {
        destroy_all(subject);
    } else if (begin_call_in(subject, row)) {
        row->call(subject, random);
        end_call_in(subject, row);
    }
}

void reenter_from_notice(struct subject *subject, struct random *random)
{
    const struct reentry *row =
        &reentries[random_weighted(random, &reentries[0].notice_weight, REENTRY_COUNT, sizeof reentries[0])];

    if (!begin_call_in(subject, row))
        return;
    if (subject_borrow(subject)) {
        row->call(subject, random);
        call_unref(subject);
    }
    end_call_in(subject, row);
}
