/* SPDX-License-Identifier: MIT */

#include "requests.h"

#include <stddef.h>

#include "outcomes.h"
#include "report.h"
#include "subject.h"

struct request *request_add(struct subject *subject, bool is_close)
{
    unsigned index = atomic_fetch_add_explicit(&subject->requests.count, 1, memory_order_relaxed);
    struct request *request;

    if (index >= REQUESTS_MAX)
        return NULL;
    request = &subject->requests.rows[index];
    request->subject = subject;
    request->is_close = is_close;
    request->aborts_over = atomic_load_explicit(&subject->aborts_over, memory_order_relaxed);
    request->begun = moment_now();
    return request;
}

static unsigned request_count(const struct requests *requests)
{
    unsigned count = atomic_load_explicit(&requests->count, memory_order_relaxed);

    return count < REQUESTS_MAX ? count : REQUESTS_MAX;
}

static void take_close(const struct request *request, wcenc_status status)
{
    outcome_count(OUTCOME_CLOSE_DONE);
    if (status != WCENC_OK)
        violation(request->subject, "a close ended with %s", wcenc_status_name(status));
    if (subject_is_serial(request->subject))
        requests_check_told(request->subject, request->begun, "the end of the close was told");
}

/* True if a reset or a close may have come since the request. */
static bool may_be_aborted(const struct request *request)
{
    return atomic_load_explicit(&request->subject->aborts_begun, memory_order_relaxed) != request->aborts_over;
}

static void take_flush(const struct request *request, wcenc_status status)
{
    struct subject *subject = request->subject;

    outcome_count(OUTCOME_FLUSH_DONE);
    switch (status) {
    case WCENC_OK:
        outcome_count(OUTCOME_FLUSH_OK);
        if (subject_is_serial(subject))
            ledger_check_flushed(subject, request->begun);
        break;
    case WCENC_ERROR_ABORTED:
        outcome_count(OUTCOME_FLUSH_ABORTED);
        if (!may_be_aborted(request))
            violation(subject, "an asynchronous flush was aborted by nothing");
        break;
    default:
        outcome_count(OUTCOME_FLUSH_FAILED);
        if (subject_is_serial(subject) && status != atomic_load_explicit(&subject->error_status, memory_order_relaxed))
            violation(subject, "an asynchronous flush ended with %s, which no error callback told",
                      wcenc_status_name(status));
        break;
    }
}

void request_take(struct request *request, wcenc_status status)
{
    struct subject *subject = request->subject;

    if (atomic_fetch_add(&request->told, 1) != 0)
        violation(subject, "the end of %s was told twice", request->is_close ? "a close" : "a flush");
    if (request->is_close)
        take_close(request, status);
    else
        take_flush(request, status);
    /* Whoever waits has said so before looking at what was told. */
    if (!atomic_load(&subject->is_awaited))
        return;
    pthread_mutex_lock(&subject->lock);
    pthread_cond_broadcast(&subject->changed);
    pthread_mutex_unlock(&subject->lock);
}

static bool all_are_told(const struct subject *subject)
{
    unsigned count = request_count(&subject->requests);

    for (unsigned i = 0; i < count; i++)
        if (atomic_load(&subject->requests.rows[i].accepted) && atomic_load(&subject->requests.rows[i].told) == 0)
            return false;
    return true;
}

void requests_wait(struct subject *subject)
{
    atomic_store(&subject->is_awaited, true);
    pthread_mutex_lock(&subject->lock);
    while (!all_are_told(subject))
        pthread_cond_wait(&subject->changed, &subject->lock);
    pthread_mutex_unlock(&subject->lock);
}

void requests_check_told(struct subject *subject, uint64_t begun, const char *when)
{
    unsigned count = request_count(&subject->requests);

    for (unsigned i = 0; i < count; i++) {
        const struct request *request = &subject->requests.rows[i];
        uint64_t accepted = atomic_load_explicit(&request->accepted, memory_order_acquire);

        if (accepted && accepted < begun && !request->is_close &&
            atomic_load_explicit(&request->told, memory_order_relaxed) == 0)
            violation(subject, "flush %u had not been told when %s", i, when);
    }
}

void requests_check_all(struct subject *subject, bool may_be_untold)
{
    unsigned count = request_count(&subject->requests);

    for (unsigned i = 0; i < count; i++) {
        const struct request *request = &subject->requests.rows[i];
        const char *what = request->is_close ? "a close" : "a flush";
        int told = atomic_load(&request->told);

        if (!atomic_load(&request->accepted) && told > 0)
            violation(subject, "%s that was refused ended", what);
        if (atomic_load(&request->accepted) && told == 0 && !may_be_untold)
            violation(subject, "the end of %s was never told", what);
    }
}
