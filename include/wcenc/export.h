/* SPDX-License-Identifier: MIT */
#ifndef WCENC_EXPORT_H
#define WCENC_EXPORT_H

/**
 * @file export.h
 * How a symbol of the library is declared. A program that links the static library defines WCENC_STATIC where the
 * platform cares (Windows); elsewhere nothing needs to be defined.
 */

#if defined(_WIN32) && !defined(WCENC_STATIC)
#ifdef WCENC_BUILDING
#define WCENC_API __declspec(dllexport)
#else
#define WCENC_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define WCENC_API __attribute__((visibility("default")))
#else
#define WCENC_API
#endif

#endif /* WCENC_EXPORT_H */
