/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_SCRIPTED_BACKEND_H
#define WCENC_TESTS_SCRIPTED_BACKEND_H

/*
 * A backend that follows a script: it fails where a test wants it to, delays frames, and stands still inside a
 * call until the test lets it go on. For what no real encoder does on request. It comes in by encoder_name "scripted".
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "layers.h"
#include "registry.h"

enum { SCRIPTED_LUMAS = 64 };

/* Counts are from 0 over all that the process has opened since scripted_install; -1: never. */
struct scripted {
    /* set by the test, before the encoder is configured */
    int fail_open;    /* which opening */
    int fail_send;    /* which frame */
    int fail_receive; /* which packet */
    int fail_drain;   /* which draining */
    int lose_packet;  /* which packet never comes */
    int drop_frame;   /* which frame, and all up to drop_to, the encoder drops */
    int drop_to;
    int layer_packet;      /* which packet is of a second spatial layer */
    int stray_packet;      /* which packet belongs to no frame */
    int stop_at_open;      /* stands still inside this opening until scripted_go_on */
    int stop_at_close;     /* and inside this closing */
    int stop_at_frame;     /* stands still inside the sending of this one until scripted_go_on */
    int fail_luma;         /* fails with the first picture that begins with this sample */
    int stop_at_luma;      /* stands still inside the sending of a picture that begins with this sample */
    int refuse_frame;      /* which frame is refused at first, until the packets that are delayed have been taken */
    uint32_t held;         /* frames that are delayed until the next come, or a drain */
    uint32_t reconfigures; /* CONFIG_ bits that it takes on while it is open */
    int32_t quantizer;     /* that its packets have, or -1 */

    /* written by the backend, to be read once the encoder has ended, or under the lock */
    uint8_t lumas[SCRIPTED_LUMAS];                 /* the first sample of each picture, in the order of sending */
    uint8_t chromas[SCRIPTED_LUMAS];               /* the same of the second plane */
    uint64_t bitrates[SCRIPTED_LUMAS];             /* set at each opening or reconfiguration, in their order */
    const uint8_t *planes[SCRIPTED_LUMAS];         /* and where it lies; only to be compared */
    struct layer_step layer_steps[SCRIPTED_LUMAS]; /* of layers; all 0 where there is one */
    bool keys[SCRIPTED_LUMAS];                     /* asked to be key */
    int64_t times_us[SCRIPTED_LUMAS];              /* of rate control, like the next */
    int64_t durations_us[SCRIPTED_LUMAS];
    uint16_t highest[SCRIPTED_LUMAS]; /* sample of two bytes in the first three planes; 0 for formats of 8 bits */
    uint32_t changes;                 /* CONFIG_ bits, of the last reconfiguration */
    int bitrate_count;
    int most_open; /* at the same time */
    int opened, closed, sent, received, drained, reconfigured, refused;
    int probed; /* openings for a probe, which count nowhere else, and no script is about */

    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stands;  /* inside a call */
    bool goes_on; /* and may leave it */
    bool steps;   /* and may leave it once */
};

/* Its row, whose capabilities a test may change after scripted_install. */
extern struct codec_candidate scripted_candidate;

/* The one script of the process, all "never". */
extern struct scripted scripted;

/* Makes the backend known, with a new script. */
void scripted_install(void);
void scripted_remove(void);

/* Waits until one of the counts is `least` or more, and returns it. Fails the test after a deadline. */
int scripted_wait_for(const int *count, int least);

/* Waits until the backend stands still where the script says. Fails the test after a deadline. */
void scripted_wait_until_it_stands(void);
/* Lets it, which stands, go on to where it stands next. */
void scripted_step(void);
/* From now on it stands still nowhere. */
void scripted_go_on(void);

#endif
