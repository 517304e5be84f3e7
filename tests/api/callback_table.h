/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_CALLBACK_TABLE_H
#define WCENC_TESTS_CALLBACK_TABLE_H

/*
 * What may be called from inside which callback of the same encoder. This is where it is written down: the test goes
 * through it cell by cell, and the table in encoder.h is printed from it.
 *
 *     +  as from outside
 *     c  as from outside; the encoder is closed by then
 *     d  returns WCENC_ERROR_WOULD_DEADLOCK at once
 *     f  as from outside, but behaves as with WCENC_QUEUE_FAIL where it would wait for room
 *     -  the encoder is gone and must not be named
 *
 * COLUMN(callback), from left to right; ROW(function, a cell for each callback).
 */

/* clang-format off */
#define CALLBACK_COLUMNS(COLUMN) \
    COLUMN(output) \
    COLUMN(error) \
    COLUMN(drop) \
    COLUMN(dequeue) \
    COLUMN(wakeup) \
    COLUMN(flush_done) \
    COLUMN(close_done) \
    COLUMN(release) \
    COLUMN(log) \
    COLUMN(on_destroy)

#define CALLBACK_ROWS(ROW) \
    /*                                   output drop wakeup close_done log      */ \
    /*                                   |  error dequeue flush_done release on_destroy */ \
    ROW(wcenc_encoder_create,             '+', '+', '+', '+', '+', '+', '+', '+', '+', '+') \
    ROW(wcenc_encoder_ref,                '+', '+', '+', '+', '+', '+', '+', '+', '+', '-') \
    ROW(wcenc_encoder_unref,              '+', '+', '+', '+', '+', '+', '+', '+', '+', '-') \
    ROW(wcenc_encoder_destroy,            '+', '+', '+', '+', '+', '+', '+', '+', '+', '-') \
    ROW(wcenc_encoder_configure,          '+', 'c', '+', '+', '+', '+', 'c', '+', '+', '-') \
    ROW(wcenc_encoder_encode,             'f', 'c', 'f', 'f', 'f', 'f', 'c', 'f', 'f', '-') \
    ROW(wcenc_encoder_flush,              'd', 'd', 'd', 'd', 'd', 'd', 'd', 'd', 'd', '-') \
    ROW(wcenc_encoder_flush_timeout,      'd', 'd', 'd', 'd', 'd', 'd', 'd', 'd', 'd', '-') \
    ROW(wcenc_encoder_flush_async,        '+', 'c', '+', '+', '+', '+', 'c', '+', '+', '-') \
    ROW(wcenc_encoder_reset,              '+', 'c', '+', '+', '+', '+', 'c', '+', '+', '-') \
    ROW(wcenc_encoder_close,              '+', 'c', '+', '+', '+', '+', 'c', '+', '+', '-') \
    ROW(wcenc_encoder_close_async,        '+', 'c', '+', '+', '+', '+', 'c', '+', '+', '-') \
    ROW(wcenc_encoder_request_key_frame,  '+', 'c', '+', '+', '+', '+', 'c', '+', '+', '-') \
    ROW(wcenc_encoder_get_name,           '+', '+', '+', '+', '+', '+', '+', '+', '+', '-') \
    ROW(wcenc_encoder_get_error,          '+', '+', '+', '+', '+', '+', '+', '+', '+', '-') \
    ROW(wcenc_encoder_get_state,          '+', '+', '+', '+', '+', '+', '+', '+', '+', '-') \
    ROW(wcenc_encoder_get_queue_size,     '+', '+', '+', '+', '+', '+', '+', '+', '+', '-') \
    ROW(wcenc_encoder_get_stats,          '+', '+', '+', '+', '+', '+', '+', '+', '+', '-') \
    ROW(wcenc_encoder_get_event_fd,       '+', '+', '+', '+', '+', '+', '+', '+', '+', '-') \
    ROW(wcenc_encoder_pump,               'd', 'd', 'd', 'd', 'd', 'd', 'd', 'd', 'd', '-') \
    ROW(wcenc_encoder_receive,            'd', 'd', 'd', 'd', 'd', 'd', 'd', 'd', 'd', '-') \
    ROW(wcenc_frame_close,                '+', '+', '+', '+', '+', '+', '+', '+', '+', '+') \
    ROW(wcenc_frame_unref,                '+', '+', '+', '+', '+', '+', '+', '+', '+', '+') \
    ROW(wcenc_chunk_ref,                  '+', '+', '+', '+', '+', '+', '+', '+', '+', '+') \
    ROW(wcenc_chunk_unref,                '+', '+', '+', '+', '+', '+', '+', '+', '+', '+')
/* clang-format on */

#endif
