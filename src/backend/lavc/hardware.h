/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BACKEND_LAVC_HARDWARE_H
#define WCENC_BACKEND_LAVC_HARDWARE_H

/* Devices that encode, and frames on them. */

enum device {
    DEVICE_NONE,   /* software */
    DEVICE_NVIDIA, /* NVENC */
    DEVICE_QSV,    /* Intel's Quick Sync Video */
    DEVICE_VAAPI,
    DEVICE_AMF, /* AMD's */
    DEVICE_V4L2,
};

struct lavc_backend;

/* NULL if there may be such a device; else the name of the file that is not there. */
const char *wcenc__lavc_device_missing(enum device device);

/* What a context needs of a device before it is opened. An AVERROR where there is none. */
int wcenc__lavc_open_device(struct lavc_backend *lavc);

/* Moves the frame in lavc->frame to the device, for encoders that want it there. 0 or an AVERROR. */
int wcenc__lavc_upload(struct lavc_backend *lavc);

#endif
