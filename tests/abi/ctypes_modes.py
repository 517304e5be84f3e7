"""Drives an encoder in all three deliveries with ctypes alone, as a binding does. usage: ctypes_modes.py LIBRARY"""
import select, sys
from ctypes import (CDLL, CFUNCTYPE, POINTER, Structure, byref, sizeof, c_char_p as text, c_int32 as i32,
                    c_int64 as i64, c_uint32 as u32, c_uint64 as u64, c_size_t as size, c_void_p as ptr)
def struct(*members):  # behind the size that each begins with; members of no use here are taken together
    return type("Struct", (Structure,), {"_fields_": [("struct_size", u32), ("reserved0", u32), *members]})
Error, Metadata = POINTER(struct(("message", text))), POINTER(struct(("decoder_config", ptr)))
Output, Failure, Done, End = (CFUNCTYPE(None, ptr, *more) for more in ((ptr, Metadata), (Error,), (i32,), ()))
Desc = struct(("limits", u64 * 2), ("user", ptr), ("on_output", Output), ("on_error", Failure), ("callbacks", ptr * 3),
              ("on_destroy", End), ("log", ptr), ("log_level", i32), ("delivery", i32), ("more", u32 * 4))
Config = struct(("rates", u64 * 3), ("codec", text), ("texts", ptr * 5), ("size", u32 * 2), ("more", u32 * 20))
Support = struct(("texts", ptr * 4), ("supported", i32))
Image = struct(("timestamp_us", i64), ("times", u64 * 2), ("planes", ptr * 8), ("data", text), ("data_size", size),
               ("metadata", ptr * 2), ("layout", u32 * 20), ("format", i32), ("size", u32 * 2), ("more", u32 * 7))
Stats = struct(("frames_accepted", u64), ("frames_out", u64), ("more", u64 * 16))
Event = struct(("chunk", ptr), ("metadata", Metadata), ("more", ptr * 2), ("user", ptr), ("reserved1", ptr),
               ("type", i32), ("status", i32))
lib, THREAD, PUMP, PULL, RGBA, CLOSED = CDLL(sys.argv[1]), 0, 1, 2, 20, 2
def check(status):
    assert status >= 0, lib.wcenc_last_error()
def drive(mode, config, times=range(-5, 300000, 33333)):
    encoder, frame, event, stats, seen = ptr(), ptr(), POINTER(Event)(), Stats(sizeof(Stats)), []
    def on_output(_, chunk, metadata):
        seen.append((lib.wcenc_chunk_get_timestamp_us(ptr(chunk)), bool(metadata.contents.decoder_config)))
    def on_end(what, status=0):  # 1: of a flush, 2: of a close, 3: of the encoder; or why it failed
        seen.append((what, status))
    init, done = Desc(sizeof(Desc), user=3, delivery=mode, on_destroy=End(on_end)), Done(on_end) if mode == PUMP else None
    if mode != PULL:
        init.on_output, init.on_error = Output(on_output), Failure(lambda _, error: on_end(error.contents.message))
    check(lib.wcenc_encoder_create(byref(init), byref(encoder)) or lib.wcenc_encoder_configure(encoder, byref(config)))
    image = Image(sizeof(Image), format=RGBA, size=(64, 48), data=bytes(64 * 48 * 4), data_size=64 * 48 * 4)
    for image.timestamp_us in times:
        check(lib.wcenc_frame_create_copy(byref(image), byref(frame)) or lib.wcenc_encoder_encode(encoder, frame, None))
        lib.wcenc_frame_unref(frame)
    check(mode != THREAD and lib.wcenc_encoder_flush_async(encoder, done, ptr(1)))
    while 1 not in dict(seen):
        if mode == THREAD:
            on_end(1, lib.wcenc_encoder_flush(encoder))
        elif mode == PUMP:
            select.select([lib.wcenc_encoder_get_event_fd(encoder)], [], [])
            check(lib.wcenc_encoder_pump(encoder, 0, i64(0), None))
        else:
            assert lib.wcenc_encoder_receive(encoder, i64(-1), byref(event)) == 0, lib.wcenc_last_error()
            if event.contents.chunk:
                on_output(None, event.contents.chunk, event.contents.metadata)
            elif event.contents.user:
                on_end(event.contents.user, event.contents.status)
            lib.wcenc_event_free(event)
    on_end(2, lib.wcenc_encoder_close(encoder))
    check(lib.wcenc_encoder_get_stats(encoder, byref(stats)))
    assert (stats.frames_out, lib.wcenc_encoder_get_state(encoder)) == (10, CLOSED)
    lib.wcenc_encoder_destroy(encoder)
    assert seen == [(time, time == times[0]) for time in times] + [(1, 0), (2, 0), (3, 0)], seen
config, support = Config(sizeof(Config), codec=b"avc1.42001e", size=(64, 48)), POINTER(Support)()
lib.wcenc_last_error.restype, lib.wcenc_chunk_get_timestamp_us.restype = text, i64
check(lib.wcenc_is_config_supported(byref(config), byref(support)))
config.codec = config.codec if support.contents.supported else b"vp8"
lib.wcenc_config_support_free(support)
for mode, name in enumerate(("THREAD", "PUMP", "PULL")):
    drive(mode, config)
    print(f"{name}: 10 chunks of {config.codec.decode()}, in order, and each end once")
