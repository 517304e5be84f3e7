/* SPDX-License-Identifier: MIT */

/* What the pool keeps and for how long, and what frames have of it. */

#define _GNU_SOURCE

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <wcenc/frame.h>

#include "../support/mem_fault.h"
#include "frame.h"
#include "pool.h"
#include "thread.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

enum {
    KIB = 1024,
    MIB = 1024 * KIB,
    THREADS = 4,
    ROUNDS = 300,
    WIDTH = 1920,
    HEIGHT = 1080,
    BURST = 16,
};

static void assert_kept(size_t blocks, size_t bytes)
{
    const struct pool_size size = wcenc__pool_size();

    assert_int_equal(size.blocks, blocks);
    assert_int_equal(size.bytes, bytes);
}

static void *alloc(size_t size)
{
    void *memory = wcenc__pool_alloc(size);

    assert_non_null(memory);
    return memory;
}

/* Before and after each test. */
static int check_empty(void **state)
{
    (void)state;
    return wcenc__pool_size().blocks == 0 ? 0 : -1;
}

static void test_a_released_block_serves_sizes_down_to_seven_eighths(void **state)
{
    void *memory;

    (void)state;
    wcenc__pool_enter();
    memory = alloc(800 * KIB);
    wcenc__pool_free(memory);
    assert_kept(1, 800 * KIB);
    assert_ptr_equal(alloc(800 * KIB), memory);
    assert_kept(0, 0);
    wcenc__pool_free(memory);
    assert_ptr_equal(alloc(700 * KIB), memory);
    wcenc__pool_free(memory);
    /* The whole block is there again. */
    assert_kept(1, 800 * KIB);
    for (int larger = 0; larger < 2; larger++) {
        void *other = alloc(larger ? 800 * KIB + 1 : 700 * KIB - 1);

        assert_ptr_not_equal(other, memory);
        assert_int_equal(wcenc__pool_size().blocks, larger ? 2 : 1);
        wcenc__pool_free(other);
    }
    wcenc__pool_leave();
}

static void test_the_block_released_last_is_used_first(void **state)
{
    void *memory[3];

    (void)state;
    wcenc__pool_enter();
    for (int i = 0; i < 3; i++)
        memory[i] = alloc(MIB);
    for (int i = 0; i < 3; i++)
        wcenc__pool_free(memory[i]);
    for (int i = 2; i >= 0; i--)
        assert_ptr_equal(alloc(MIB), memory[i]);
    for (int i = 0; i < 3; i++)
        wcenc__pool_free(memory[i]);
    wcenc__pool_leave();
}

static void test_the_release_of_the_last_block_frees_all(void **state)
{
    void *first, *second;

    (void)state;
    first = alloc(MIB);
    second = alloc(2 * MIB);
    wcenc__pool_free(first);
    assert_kept(1, MIB);
    wcenc__pool_free(second);
    assert_kept(0, 0);
}

static void test_nothing_small_or_huge_is_kept(void **state)
{
    static const size_t sizes[] = {1, 64 * KIB - 1, 64 * MIB + 1};

    (void)state;
    wcenc__pool_enter();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        wcenc__pool_free(alloc(sizes[i]));
        assert_kept(0, 0);
    }
    wcenc__pool_free(alloc(64 * KIB));
    assert_kept(1, 64 * KIB);
    wcenc__pool_free(alloc(64 * MIB));
    assert_kept(1, 64 * MIB);
    wcenc__pool_free(NULL);
    wcenc__pool_leave();
}

/* Releases so many blocks at once, in order, and checks how many are left, and that these are the last. */
static void check_limit(int count, size_t size, int left)
{
    void *memory[200];

    wcenc__pool_enter();
    for (int i = 0; i < count; i++)
        memory[i] = alloc(size);
    for (int i = 0; i < count; i++) {
        wcenc__pool_free(memory[i]);
        assert_true(wcenc__pool_size().bytes <= 64 * MIB);
    }
    assert_kept((size_t)left, (size_t)left * size);
    for (int i = count - 1; i >= count - left; i--)
        assert_ptr_equal(alloc(size), memory[i]);
    assert_kept(0, 0);
    for (int i = count - left; i < count; i++)
        wcenc__pool_free(memory[i]);
    wcenc__pool_leave();
}

static void test_no_more_is_kept_than_the_limits(void **state)
{
    (void)state;
    check_limit(10, 10 * MIB, 6);
    check_limit(200, 64 * KIB, 128);
}

static void test_the_last_encoder_to_become_inactive_frees_all(void **state)
{
    void *used;

    (void)state;
    wcenc__pool_enter();
    wcenc__pool_enter();
    used = alloc(2 * MIB);
    wcenc__pool_free(alloc(MIB));
    wcenc__pool_leave();
    /* The other one is at work. */
    assert_kept(1, MIB);
    wcenc__pool_leave();
    assert_kept(0, 0);
    /* Frames that are copied without an encoder reuse one another's memory. */
    wcenc__pool_free(alloc(MIB));
    assert_kept(1, MIB);
    wcenc__pool_free(used);
    assert_kept(0, 0);
}

static void test_a_block_that_is_not_needed_for_a_second_is_freed(void **state)
{
    const int64_t start = monotonic_ns();
    void *used[2];

    (void)state;
    wcenc__pool_enter();
    for (int i = 0; i < 2; i++)
        used[i] = alloc(2 * MIB);
    for (int i = 0; i < 2; i++)
        wcenc__pool_free(used[i]);
    /* One of the two is used again and again, as by an encoder that was behind for a moment. */
    while (wcenc__pool_size().blocks == 2) {
        assert_true(monotonic_ns() - start < 30 * POOL_IDLE_NS);
        used[1] = alloc(2 * MIB);
        memset(used[1], 0, 2 * MIB);
        wcenc__pool_free(used[1]);
    }
    assert_true(monotonic_ns() - start >= POOL_IDLE_NS);
    assert_kept(1, 2 * MIB);
    assert_ptr_equal(alloc(2 * MIB), used[1]);
    wcenc__pool_free(used[1]);
    wcenc__pool_leave();
}

static void test_no_memory_leaves_the_pool_as_it_was(void **state)
{
    void *used;

    (void)state;
    used = alloc(MIB);
    wcenc__pool_free(alloc(2 * MIB));
    mem_fault_after(0);
    assert_null(wcenc__pool_alloc(4 * MIB));
    mem_fault_after(0);
    assert_null(wcenc__pool_alloc(1));
    mem_fault_after(-1);
    assert_null(wcenc__pool_alloc(SIZE_MAX));
    assert_kept(1, 2 * MIB);
    /* The block that was not allocated is not waited for. */
    wcenc__pool_free(used);
    assert_kept(0, 0);
}

static void test_what_is_kept_or_left_over_may_not_be_touched(void **state)
{
#ifdef __SANITIZE_ADDRESS__
    char *memory;

    (void)state;
    wcenc__pool_enter();
    memory = alloc(800 * KIB);
    wcenc__pool_free(memory);
    assert_ptr_equal(__asan_region_is_poisoned(memory, 800 * KIB), memory);
    assert_true(__asan_address_is_poisoned(memory + 800 * KIB - 1));
    assert_ptr_equal(alloc(700 * KIB), memory);
    assert_null(__asan_region_is_poisoned(memory, 700 * KIB));
    assert_true(__asan_address_is_poisoned(memory + 700 * KIB));
    wcenc__pool_free(memory);
    assert_ptr_equal(alloc(800 * KIB), memory);
    assert_null(__asan_region_is_poisoned(memory, 800 * KIB));
    wcenc__pool_free(memory);
    wcenc__pool_leave();
#else
    (void)state;
    skip();
#endif
}

/* Memory that two threads had at once would lose what one of them wrote. */
static void *use_blocks(void *seed)
{
    unsigned int random = (unsigned int)(uintptr_t)seed;
    unsigned char *held[3] = {NULL};
    size_t sizes[3] = {0};
    intptr_t faults = 0;

    for (int i = 0; i < ROUNDS; i++) {
        const int at = i % 3;

        if (held[at])
            for (size_t byte = 0; byte < sizes[at]; byte += 512)
                faults += held[at][byte] != (unsigned char)(random + (unsigned int)at);
        wcenc__pool_free(held[at]);
        sizes[at] = (size_t)(60 + (i * 7 + (int)random) % 40) * KIB;
        held[at] = wcenc__pool_alloc(sizes[at]);
        if (held[at])
            memset(held[at], (int)(random + (unsigned int)at), sizes[at]);
        if (i % 50 == 0) {
            wcenc__pool_enter();
            wcenc__pool_leave();
        }
    }
    for (int i = 0; i < 3; i++)
        wcenc__pool_free(held[i]);
    return (void *)faults;
}

static atomic_bool must_stop;

static void *use_blocks_until_stopped(void *seed)
{
    void *faults = NULL;

    while (!faults && !atomic_load(&must_stop))
        faults = use_blocks(seed);
    return faults;
}

static void test_threads_share_the_pool(void **state)
{
    pthread_t threads[THREADS];

    (void)state;
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_blocks, (void *)(i * 16)), 0);
    for (int i = 0; i < THREADS; i++) {
        void *faults;

        assert_int_equal(pthread_join(threads[i], &faults), 0);
        assert_null(faults);
    }
    assert_kept(0, 0);
}

/* What the child finds; its exit status says which claim is wrong. */
static int check_child(void *held)
{
    if (wcenc__pool_size().blocks != 1)
        return 1;
    wcenc__pool_free(wcenc__pool_alloc(MIB));
    if (wcenc__pool_size().blocks != 1)
        return 2;
    /* No encoder of the parent is active in the child. */
    wcenc__pool_free(held);
    return wcenc__pool_size().blocks == 0 ? 0 : 3;
}

static void test_a_forked_child_has_a_pool_of_its_own(void **state)
{
    void *held;
    int status;
    pid_t child;

    (void)state;
    wcenc__pool_enter();
    held = alloc(2 * MIB);
    wcenc__pool_free(alloc(MIB));
    child = fork();
    if (child == 0)
        _exit(check_child(held));
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_kept(1, MIB);
    wcenc__pool_free(held);
    wcenc__pool_leave();
}

static void test_a_fork_finds_the_pool_whole(void **state)
{
    pthread_t threads[2];
    void *faults;

    (void)state;
#ifdef __SANITIZE_ADDRESS__
    /* Its allocator does not wait for its own locks at a fork: a child hangs in it. */
    skip();
#endif
    atomic_store(&must_stop, false);
    for (uintptr_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_blocks_until_stopped, (void *)(i * 16)), 0);
    for (int i = 0; i < 20; i++) {
        int status;
        pid_t child = fork();

        /* Ends without exit handlers, which would miss the threads. */
        if (child == 0)
            (void)raise(use_blocks((void *)(uintptr_t)99) == NULL ? SIGKILL : SIGTERM);
        assert_true(child > 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGKILL);
    }
    atomic_store(&must_stop, true);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(threads[i], &faults), 0);
        assert_null(faults);
    }
}

static wcenc_frame *copy(const uint8_t *pixels)
{
    wcenc_frame_desc desc;
    wcenc_frame *frame;

    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = WCENC_PIXEL_FORMAT_I420;
    desc.coded_width = WIDTH;
    desc.coded_height = HEIGHT;
    desc.data = pixels;
    desc.data_size = WIDTH * HEIGHT * 3 / 2;
    assert_int_equal(wcenc_frame_create_copy(&desc, &frame), WCENC_OK);
    return frame;
}

static long page_faults(void)
{
    struct rusage usage;

    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_minflt;
}

/* As an encoder works off a queue: all of a burst are released before the next, which the C library trims. */
static void test_copied_frames_reuse_pages_that_are_there(void **state)
{
    uint8_t *pixels = malloc(WIDTH * HEIGHT * 3 / 2);
    wcenc_frame *frames[BURST];
    long before = 0;

    (void)state;
    assert_non_null(pixels);
    memset(pixels, 7, WIDTH * HEIGHT * 3 / 2);
    wcenc__pool_enter();
    for (int burst = 0; burst < 4; burst++) {
        if (burst == 1)
            before = page_faults();
        for (int i = 0; i < BURST; i++)
            frames[i] = copy(pixels);
        for (int i = 0; i < BURST; i++)
            wcenc_frame_unref(frames[i]);
    }
    /* A frame has 760 pages; what a sanitizer keeps beside them is not the frame's. */
    assert_true(page_faults() - before <= 3 * BURST * 10);
    wcenc__pool_leave();
    assert_kept(0, 0);
    free(pixels);
}

static void test_planes_of_reused_memory_are_aligned_and_padded(void **state)
{
    struct picture picture;

    (void)state;
    wcenc__pool_enter();
    for (uint32_t width = 641; width > 600; width -= 3) {
        assert_true(wcenc__pixels_create(WCENC_PIXEL_FORMAT_I420A, width, 359, &picture));
        assert_true(wcenc__pixels_are_padded(picture.pixels));
        for (int plane = 0; plane < 4; plane++) {
            uint8_t *rows = (uint8_t *)picture.planes[plane];
            const size_t height = plane == 0 || plane == 3 ? 359 : 180;

            assert_int_equal((uintptr_t)rows % 64, 0);
            assert_int_equal(picture.strides[plane] % 64, 0);
            memset(rows, plane, (size_t)picture.strides[plane] * height + (plane == 3 ? 64 : 0));
        }
        wcenc__pixels_unref(picture.pixels);
        assert_int_equal(wcenc__pool_size().blocks, 1);
    }
    wcenc__pool_leave();
}

#define POOL_TEST(test) cmocka_unit_test_setup_teardown(test, check_empty, check_empty)

int main(void)
{
    const struct CMUnitTest tests[] = {
        POOL_TEST(test_a_released_block_serves_sizes_down_to_seven_eighths),
        POOL_TEST(test_the_block_released_last_is_used_first),
        POOL_TEST(test_the_release_of_the_last_block_frees_all),
        POOL_TEST(test_nothing_small_or_huge_is_kept),
        POOL_TEST(test_no_more_is_kept_than_the_limits),
        POOL_TEST(test_the_last_encoder_to_become_inactive_frees_all),
        POOL_TEST(test_a_block_that_is_not_needed_for_a_second_is_freed),
        POOL_TEST(test_no_memory_leaves_the_pool_as_it_was),
        POOL_TEST(test_what_is_kept_or_left_over_may_not_be_touched),
        POOL_TEST(test_threads_share_the_pool),
        POOL_TEST(test_a_forked_child_has_a_pool_of_its_own),
        POOL_TEST(test_a_fork_finds_the_pool_whole),
        POOL_TEST(test_copied_frames_reuse_pages_that_are_there),
        POOL_TEST(test_planes_of_reused_memory_are_aligned_and_padded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
