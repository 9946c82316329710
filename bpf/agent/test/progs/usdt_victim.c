// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* A program with one static probe, lab:step, whose argument is always 42. The note is what <sys/sdt.h> would write. */

#define NOTE                                                                    \
	"990: nop\n"                                                            \
	".pushsection .note.stapsdt,\"\",\"note\"\n"                            \
	".balign 4\n"                                                           \
	".4byte 992f-991f, 994f-993f, 3\n"                                      \
	"991: .asciz \"stapsdt\"\n"                                             \
	"992: .balign 4\n"                                                      \
	"993: .8byte 990b, _.stapsdt.base, 0\n"                                 \
	".asciz \"lab\"\n"                                                      \
	".asciz \"step\"\n"                                                     \
	".asciz \"-4@$42\"\n"                                                   \
	"994: .balign 4\n"                                                      \
	".popsection\n"                                                         \
	".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n" \
	".weak _.stapsdt.base\n"                                                \
	".hidden _.stapsdt.base\n"                                              \
	"_.stapsdt.base: .space 1\n"                                            \
	".size _.stapsdt.base, 1\n"                                             \
	".popsection\n"

int main(void)
{
	__asm__ volatile(NOTE);
	return 0;
}
