/* SPDX-License-Identifier: MIT */

#include "option_keys.h"

/* Separated by spaces, as the libraries' own parsers name them. */
#define X264_KEYS                                                                                                     \
    "asm threads lookahead-threads sliced-threads sync-lookahead deterministic cpu-independent level level-idc "      \
    "bluray-compat avcintra-class avcintra-flavor sar overscan videoformat fullrange colorprim transfer colormatrix " \
    "chromaloc mastering-display cll alternative-transfer fps ref frameref dpb-size keyint min-keyint scenecut "      \
    "intra-refresh bframes b-adapt b-bias b-pyramid open-gop nf filter deblock slice-max-size slice-max-mbs "         \
    "slice-min-mbs slices slices-max cabac cabac-idc interlaced tff bff constrained-intra cqm cqmfile cqm4 cqm8 "     \
    "cqm4i cqm4p cqm4iy cqm4ic cqm4py cqm4pc cqm8i cqm8p log dump-yuv analyse partitions 8x8dct weightb weightp "     \
    "direct chroma-qp-offset me merange mvrange mvrange-thread subme psy-rd psy chroma-me mixed-refs trellis "        \
    "fast-pskip dct-decimate deadzone-inter deadzone-intra nr bitrate qp crf crf-max rc-lookahead qpmin qpmax "       \
    "qpstep ratetol vbv-maxrate vbv-bufsize vbv-desc ipratio pbratio aq-mode aq-strength pass stats qcomp mbtree "    \
    "qblur cplxblur zones crop-rect psnr ssim aud sps-id global-header repeat-headers annexb force-cfr nal-hrd "      \
    "filler pic-struct fake-interlaced frame-packing stitchable opencl opencl-clbin opencl-device profile csp "       \
    "input-depth"

#define X265_KEYS                                                                                                    \
    "asm fps frame-threads pmode pme level-idc high-tier log-level log-file-level cu-stats total-frames annexb "     \
    "repeat-headers wpp ctu min-cu-size tu-intra-depth tu-inter-depth max-tu-size subme merange rect amp max-merge " \
    "temporal-mvp early-skip rskip rskip-edge-threshold rdpenalty tskip tskip-fast strong-intra-smoothing lossless " \
    "cu-lossless constrained-intra fast-intra open-gop intra-refresh lookahead-slices scenecut keyint min-keyint "   \
    "rc-lookahead bframes bframe-bias b-adapt interlace ref limit-refs limit-modes weightp weightb cbqpoffs "        \
    "crqpoffs rd rdoq-level psy-rd psy-rdoq signhide b-intra lft deblock sao sao-non-deblock ssim psnr hash aud "    \
    "info b-pyramid hrd ipratio pbratio qcomp qpstep cplxblur qblur aq-mode aq-strength vbv-maxrate vbv-bufsize "    \
    "vbv-desc crf-max crf-min qpmin qpmax crf bitrate qp qg-size rc-grain strict-cbr pass stats cutree "             \
    "slow-firstpass "                                                                                                \
    "zones zonefile input-res input-csp me cll analysis-reuse-mode sar overscan videoformat range colorprim "        \
    "transfer colormatrix chromaloc display-window crop-rect nr-intra nr-inter pools numa-pools lambda-file "        \
    "analysis-reuse-file master-display max-cll min-luma max-luma uhd-bd csv csv-log-level log2-max-poc-lsb "        \
    "scenecut-bias hist-scenecut hist-threshold lookahead-threads multi-pass-opt-analysis "                          \
    "multi-pass-opt-distortion analysis-reuse-level analysis-save-reuse-level analysis-load-reuse-level hdr hdr10 "  \
    "hdr-opt hdr10-opt dhdr10-info dhdr10-opt ctu-info scale-factor refine-intra refine-inter refine-mv "            \
    "force-flush vbv-end vbv-end-fr-adj copy-pic refine-analysis-type gop-lookahead analysis-save analysis-load "    \
    "max-ausize-factor atc-sei pic-struct nalu-file dolby-vision-profile hrd-concat refine-ctu-distortion "          \
    "qp-adaptation-range selective-sao fades scenecut-aware-qp masking-strength dup-threshold hme hme-search "       \
    "hme-range min-vbv-fullness max-vbv-fullness frame-dup idr-recovery-sei single-sei lowpass-dct dynamic-refine "  \
    "hevc-aq svt field temporal-layers vui-timing-info vui-hrd-info opt-qp-pps opt-ref-list-length-pps "             \
    "multi-pass-opt-rps opt-cu-delta-qp aq-motion limit-tu limit-sao ssim-rd splitrd-skip rd-refine dynamic-rd "     \
    "fast-cbf dither slices copy-pic input-depth output-depth recon frames seek chunk-start chunk-end profile "      \
    "allow-non-conformance const-vbv vbv-live-multi-pass"

#define AOM_KEYS                                                                                                    \
    "cpu-used auto-alt-ref static-thresh row-mt tile-columns tile-rows enable-tpl-model enable-keyframe-filtering " \
    "arnr-maxframes arnr-strength tune cq-level max-intra-rate max-inter-rate gf-cbr-boost lossless enable-cdef "   \
    "enable-restoration enable-rect-partitions enable-ab-partitions enable-1to4-partitions min-partition-size "     \
    "max-partition-size enable-dual-filter enable-chroma-deltaq enable-intra-edge-filter enable-order-hint "        \
    "enable-tx64 enable-flip-idtx enable-rect-tx enable-dist-wtd-comp enable-masked-comp enable-onesided-comp "     \
    "enable-interintra-comp enable-smooth-interintra enable-diff-wtd-comp enable-interinter-wedge "                 \
    "enable-interintra-wedge enable-global-motion enable-warped-motion enable-filter-intra enable-smooth-intra "    \
    "enable-paeth-intra enable-cfl-intra enable-diagonal-intra force-video-mode enable-obmc enable-overlay "        \
    "enable-palette enable-intrabc enable-angle-delta disable-trellis-quant enable-qm qm-min qm-max "               \
    "reduced-tx-type-set use-intra-dct-only use-inter-dct-only use-intra-default-tx-only quant-b-adapt "            \
    "vbr-corpus-complexity-lap coeff-cost-upd-freq mode-cost-upd-freq mv-cost-upd-freq dv-cost-upd-freq "           \
    "num-tile-groups mtu-size timing-info film-grain-test film-grain-table denoise-noise-level denoise-block-size " \
    "enable-dnl-denoising enable-ref-frame-mvs frame-parallel error-resilient sframe-mode aq-mode deltaq-mode "     \
    "deltaq-strength deltalf-mode frame-boost noise-sensitivity tune-content cdf-update-mode color-primaries "      \
    "transfer-characteristics matrix-coefficients chroma-sample-position min-gf-interval max-gf-interval "          \
    "gf-min-pyr-height gf-max-pyr-height sb-size target-seq-level-idx set-tier-mask min-cr bit-depth "              \
    "input-bit-depth input-chroma-subsampling-x input-chroma-subsampling-y sharpness passes fwd-kf-dist "           \
    "strict-level-conformance kf-max-pyr-height sb-qp-sweep partition-info-path rate-distribution-info "            \
    "auto-intra-tools-off loopfilter-control ext-tile-debug enable-tx-size-search max-reference-frames "            \
    "reduced-reference-set vmaf-model-path enable-rate-guide-deltaq monochrome large-scale-tile lag-in-frames "     \
    "resize-mode superres-mode sframe-dist annexb profile"

#define SVT_KEYS                                                                                                     \
    "preset lp pin ss width height color-format irefresh-type sframe-mode sframe-dist color-primaries "              \
    "transfer-characteristics matrix-coefficients color-range chroma-sample-position mastering-display "             \
    "content-light chroma-qindex-offsets film-grain film-grain-denoise hierarchical-levels fps fps-num fps-denom "   \
    "rc tbr mbr qp crf max-qp min-qp bias-pct minsection-pct maxsection-pct undershoot-pct overshoot-pct "           \
    "mbr-overshoot-pct recode-loop enable-stat-report input-depth compressed-ten-bit-format "                        \
    "forced-max-frame-width forced-max-frame-height pred-struct enable-tpl-la aq-mode superres-mode "                \
    "superres-qthres superres-denom resize-mode resize-denom qm-min qm-max use-fixed-qindex-offsets "                \
    "gop-constraint-rc buf-initial-sz buf-optimal-sz buf-sz key-frame-qindex-offset enable-cdef "                    \
    "enable-restoration enable-mfmv keyint intra-period tile-rows tile-columns enable-dlf enable-tf "                \
    "enable-overlays enable-hdr fast-decode enable-force-key-frames enable-qm lookahead scd scm tune profile level " \
    "tier lossless passes pass stats nb"

#define RAV1E_KEYS                                                                                                 \
    "width height speed threads tiles tile_rows tile_cols tune quantizer bitrate key_frame_interval "              \
    "min_key_frame_interval switch_frame_interval reservoir_frame_delay rdo_lookahead_frames low_latency "         \
    "enable_timing_info still_picture error_resilient min_quantizer chroma_sampling bit_depth primaries transfer " \
    "matrix range pass"

static const struct option_list lists[] = {
    {"x264-params", X264_KEYS}, {"x264opts", X264_KEYS},     {"x265-params", X265_KEYS},
    {"aom-params", AOM_KEYS},   {"svtav1-params", SVT_KEYS}, {"rav1e-params", RAV1E_KEYS},
};

const struct option_list *option_list(size_t n)
{
    return n < sizeof lists / sizeof lists[0] ? &lists[n] : NULL;
}
