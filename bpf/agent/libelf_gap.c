// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * elfutils 0.192 forgot its search trees in libelf.a (they are in libeu, which is not installed):
 * Debian 13's static library does not link. The trees hold raw chunks of elf_getdata_rawchunk(),
 * which libbpf never calls, so that there is nothing to set up and nothing to free. Weak: a libelf.a
 * that has them is used as it is.
 */

__attribute__((weak)) void eu_search_tree_init(void *tree);
__attribute__((weak)) void eu_search_tree_fini(void *tree, void (*free_node)(void *node));

void eu_search_tree_init(void *tree)
{
	(void)tree;
}

void eu_search_tree_fini(void *tree, void (*free_node)(void *node))
{
	(void)tree;
	(void)free_node;
}
