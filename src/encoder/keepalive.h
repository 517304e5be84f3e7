/* SPDX-License-Identifier: MIT */
#ifndef WCENC_ENCODER_KEEPALIVE_H
#define WCENC_ENCODER_KEEPALIVE_H

/* What a thread of the library holds of the encoder that it works for, so that the memory outlives the thread. */
struct keepalive {
    void *owner;                  /* the encoder; also whose callbacks the thread runs */
    void (*retain)(void *owner);  /* with the lock held */
    void (*release)(void *owner); /* with the lock held, which it releases; the encoder may be gone afterwards */
};

#endif
