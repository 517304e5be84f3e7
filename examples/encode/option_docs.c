/* SPDX-License-Identifier: MIT */

/* What is written from the table of options: --help, the man page, completions for bash and zsh. */

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <wcenc/wcenc.h>

#include "option_table.h"

enum { HELP_WIDTH = 100, HELP_INDENT = 28 };

static const char *const synopses[] = {"[OPTION]... INPUT -o OUTPUT", "[OPTION]... --test-scene -o OUTPUT",
                                       "[OPTION]... --out-dir DIR INPUT...", "[OPTION]... --groups K/N INPUT -o PART",
                                       "[OPTION]... --join OUTPUT PART..."};

/* Paragraphs before the options, and after them. */
static const char *const before[] = {
    "Encodes a video with libwcenc. INPUT is a file that FFmpeg reads, or - for YUV4MPEG2 on standard input. The "
    "extension of OUTPUT chooses its format: .mp4 .m4v .mov .mkv .webm .ivf .h264 .264 .avc .h265 .265 .hevc .obu. -o "
    "may be left out where INPUT comes before OUTPUT.",
};
static const char *const after[] = {
    "Timestamps are those of INPUT, counted from its first frame. Where they step back, or leave a gap (of more than "
    "10 seconds in formats that are recorded or joined in pieces, such as .ts and .mpg, of 10 minutes in others), the "
    "output goes on from the end of the frame before. Frames that cannot be decoded are left out and counted.",
    "OUTPUT appears when it is complete; until then it is OUTPUT.PID.part beside it, and what was there before stays. "
    "The first Ctrl-C stops reading and finishes the file, the second quits at once and leaves no file.",
    "Parts of --groups, joined, are the file that one run with --parallel-groups makes, to the byte, where versions of "
    "libwcenc and of the encoder are the same; parts that differ in versions, settings or INPUT are refused. A part "
    "has "
    "only video: --join copies audio, chapters and tags from INPUT, which -i names where it is elsewhere now. A part "
    "that is there and complete is not encoded again. What has no timestamps, jumps or is damaged cannot be cut.",
    "With --json one object is printed on standard output, in UTF-8. Its member status is done, damaged, interrupted "
    "or "
    "failed; error says why. With --out-dir it has the objects of all files in files.",
};
static const char *const statuses[][2] = {
    {"0", "done"}, {"1", "failed, or done but INPUT was damaged"}, {"2", "wrong usage"}, {"130 or 143", "interrupted"}};
static const char *const samples[][2] = {
    {"wcenc-encode clip.mov -o clip.mp4", "H.264 in MP4, with the defaults."},
    {"wcenc-encode -c av1 -b 1.5M -s 1280x-2 clip.mov -o clip.webm", "AV1 at 1.5 Mb/s, 1280 pixels wide."},
    {"wcenc-encode --crf 30 -c av1 --seek 1:30 -t 10 clip.mov -o - -f mkv | ffplay -", "Ten seconds, for a look."},
    {"wcenc-encode --out-dir small -s -2x360 *.mov", "A small copy of each."},
    {"wcenc-encode -c av1 --groups 3/8 clip.mov -o 3.part", "The third of eight parts, for --join clip.mp4 *.part."},
    {"wcenc-encode --test-scene -t 10 -o scene.mkv", "Ten seconds of the test scene."},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Breaks lines at spaces; the first line begins at column `at`, the others at `indent`. */
static void print_wrapped(const char *text, int at, int indent)
{
    while (*text) {
        int length = (int)strcspn(text, " ");

        if (at > indent && at + 1 + length > HELP_WIDTH) {
            printf("\n%*s", indent, "");
            at = indent;
        } else if (at > indent) {
            putchar(' ');
            at++;
        }
        printf("%.*s", length, text);
        at += length;
        text += length;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void print_help_row(const struct option_row *row)
{
    int length =
        printf("  %c%c%s--%s%s%s", row->letter ? '-' : ' ', row->letter ? row->letter : ' ', row->letter ? ", " : "  ",
               row->name, row->argument ? " " : "", row->argument ? row->argument : "");

    if (length < HELP_INDENT - 1)
        printf("%*s", HELP_INDENT - length, "");
    else
        printf("\n%*s", HELP_INDENT, "");
    print_wrapped(row->help, HELP_INDENT, HELP_INDENT);
}

static void print_help(void)
{
    for (size_t i = 0; i < COUNT(synopses); i++)
        printf("%s wcenc-encode %s\n", i ? "      " : "Usage:", synopses[i]);
    for (size_t i = 0; i < COUNT(before); i++)
        print_wrapped(before[i], 0, 0);
    for (size_t i = 0; i < option_row_count; i++) {
        if (option_rows[i].kind == KIND_HEADING)
            printf("\n%s:\n", option_rows[i].help);
        else
            print_help_row(&option_rows[i]);
    }
    for (size_t i = 0; i < COUNT(after); i++) {
        putchar('\n');
        print_wrapped(after[i], 0, 0);
    }
    printf("\nExamples:\n");
    for (size_t i = 0; i < COUNT(samples); i++)
        printf("  %s\n      %s\n", samples[i][0], samples[i][1]);
    printf("\nExit status:");
    for (size_t i = 0; i < COUNT(statuses); i++)
        printf("%s %s %s", i ? ";" : "", statuses[i][0], statuses[i][1]);
    printf(".\n");
}

/* With dashes as they are typed, and no line that begins as a request. */
static void print_roff(const char *text)
{
    if (*text == '.' || *text == '\'')
        printf("\\&");
    for (; *text; text++) {
        if (*text == '-' || *text == '\\')
            printf(*text == '-' ? "\\-" : "\\e");
        else
            putchar(*text);
    }
}

static void print_roff_paragraph(const char *request, const char *text)
{
    printf("%s\n", request);
    print_roff(text);
    putchar('\n');
}

static void print_man_row(const struct option_row *row)
{
    printf(".TP\n.BR ");
    if (row->letter)
        printf("\\-%c \", \" ", row->letter);
    print_roff("--");
    print_roff(row->name);
    if (row->argument)
        printf(" \" \\fI%s\\fR\"", row->argument);
    putchar('\n');
    print_roff(row->help);
    putchar('\n');
}

static void print_man(void)
{
    printf(".TH WCENC\\-ENCODE 1 \"\" \"libwcenc %s\" \"User Commands\"\n", wcenc_version_string());
    printf(".SH NAME\nwcenc\\-encode \\- encode a video with libwcenc\n.SH SYNOPSIS\n");
    for (size_t i = 0; i < COUNT(synopses); i++) {
        printf("%s.B wcenc\\-encode\n", i ? ".br\n" : "");
        print_roff(synopses[i]);
        putchar('\n');
    }
    printf(".SH DESCRIPTION\n");
    for (size_t i = 0; i < COUNT(before); i++)
        print_roff_paragraph(".PP", before[i]);
    for (size_t i = 0; i < COUNT(after); i++)
        print_roff_paragraph(".PP", after[i]);
    printf(".SH OPTIONS\n");
    for (size_t i = 0; i < option_row_count; i++) {
        if (option_rows[i].kind == KIND_HEADING)
            printf(".SS %s\n", option_rows[i].help);
        else
            print_man_row(&option_rows[i]);
    }
    printf(".SH EXIT STATUS\n");
    for (size_t i = 0; i < COUNT(statuses); i++)
        printf(".TP\n.B %s\n%s\n", statuses[i][0], statuses[i][1]);
    printf(".SH EXAMPLES\n");
    for (size_t i = 0; i < COUNT(samples); i++) {
        print_roff_paragraph(".TP\n.B", samples[i][0]);
        printf("%s\n", samples[i][1]);
    }
}

static void print_words(const struct option_row *row)
{
    for (int i = 0; i < OPTION_WORDS && row->words[i]; i++)
        printf("%s%s", i ? " " : "", row->words[i]);
}

/* The pattern of a case: "-c | --codec". */
static void print_bash_case(const struct option_row *row)
{
    printf("    ");
    if (row->letter)
        printf("-%c | ", row->letter);
    printf("--%s)\n", row->name);
    if (row->words[0]) {
        printf("      mapfile -t COMPREPLY < <(compgen -W '");
        print_words(row);
        printf("' -- \"$word\")\n");
    } else if (row->kind == KIND_FILE) {
        printf("      compopt -o filenames\n      mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n");
    }
    printf("      return\n      ;;\n");
}

static void print_bash(void)
{
    printf("# Completion of wcenc-encode for bash; generated by wcenc-encode --generate bash.\n"
           "_wcenc_encode() {\n"
           "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
           "  COMPREPLY=()\n"
           "  # bash makes a word of the '=' in --option=value.\n"
           "  if [[ $word == '=' ]]; then\n    word=\n"
           "  elif [[ $before == '=' ]]; then\n    before=${COMP_WORDS[COMP_CWORD - 2]}\n  fi\n"
           "  case $before in\n");
    for (size_t i = 0; i < option_row_count; i++)
        if (option_rows[i].argument)
            print_bash_case(&option_rows[i]);
    printf("  esac\n"
           "  if [[ $word == -* ]]; then\n"
           "    mapfile -t COMPREPLY < <(compgen -W '");
    for (size_t i = 0; i < option_row_count; i++)
        if (option_rows[i].name)
            printf("%s--%s", i > 1 ? " " : "", option_rows[i].name);
    printf("' -- \"$word\")\n"
           "  else\n"
           "    compopt -o filenames\n"
           "    mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
           "  fi\n"
           "}\n"
           "complete -F _wcenc_encode wcenc-encode\n");
}

/* Inside quotes and brackets of _arguments. */
static void print_zsh_text(const char *text)
{
    for (; *text; text++) {
        if (strchr("[]:\\", *text))
            putchar('\\');
        if (*text == '\'')
            printf("'\\'");
        putchar(*text);
    }
}

static void print_zsh_row(const struct option_row *row)
{
    char first[160];
    const char *end = strpbrk(row->help, "(;:");
    size_t length = end ? (size_t)(end - row->help) : strlen(row->help);

    /* The beginning of the help, without its particulars. */
    while (length > 0 && isspace((unsigned char)row->help[length - 1]))
        length--;
    snprintf(first, sizeof(first), "%.*s", (int)length, row->help);
    if (row->letter)
        printf("  '(-%c --%s)'{-%c%s,--%s%s}'[", row->letter, row->name, row->letter, row->argument ? "+" : "",
               row->name, row->argument ? "=" : "");
    else
        printf("  '%s--%s%s[", row->kind == KIND_PAIR ? "*" : "", row->name, row->argument ? "=" : "");
    print_zsh_text(first);
    putchar(']');
    if (row->argument) {
        printf(":%s:", row->argument);
        if (row->words[0]) {
            putchar('(');
            print_words(row);
            putchar(')');
        } else if (row->kind == KIND_FILE) {
            printf("_files");
        }
    }
    printf("' \\\n");
}

static void print_zsh(void)
{
    printf("#compdef wcenc-encode\n"
           "# Completion of wcenc-encode for zsh; generated by wcenc-encode --generate zsh.\n"
           "_arguments -s -S \\\n");
    for (size_t i = 0; i < option_row_count; i++)
        if (option_rows[i].name)
            print_zsh_row(&option_rows[i]);
    printf("  '*:file:_files'\n");
}

void option_docs_print(enum action action)
{
    switch (action) {
    case ACTION_MAN:
        print_man();
        break;
    case ACTION_BASH:
        print_bash();
        break;
    case ACTION_ZSH:
        print_zsh();
        break;
    default:
        print_help();
    }
}
