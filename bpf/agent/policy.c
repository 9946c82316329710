// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "policy.h"

#include <errno.h>
#include <fnmatch.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "errors.h"
#include "fields.h"
#include "limits.h"

#define POLICY_VERSION 1
#define MAX_POLICY_ITEMS 1024

static const char *const file_names[] = { "version", "limits", "rules", NULL };
static const char *const rule_names[] = { "users",	   "nodes",  "namespaces", "program_types",
					  "machine_wide", "limits", NULL };
static const char *const rule_lists[] = { "users", "nodes", "namespaces", "program_types", NULL };

/* The largest value of each limit; the smallest is 1. */
static const struct {
	const char *name;
	int64_t most;
} limits[] = {
	{ "sessions", MAX_SESSIONS }, { "sessions_per_user", MAX_SESSIONS },
	{ "memory_mib", 1 << 24 },    { "cpu_percent", 100000 },
	{ "processes", 1 << 22 },     { "rate_kib_s", 1 << 24 },
	{ "idle_s", 1 << 26 },	      { NULL, 0 },
};

/* A name that nobody knows may be a limit that was meant: the file is wrong. */
static void only_known(struct fields *fields, const char *const *names)
{
	const char *name;
	json_t *value;

	json_object_foreach (fields->object, name, value) {
		const char *const *known = names;

		while (*known && strcmp(*known, name))
			known++;
		if (!*known)
			fields_problem(fields, name, "is nothing that a policy knows");
	}
}

/* Takes over a problem that another object has, unless there is one. */
static void also(struct fields *fields, const struct fields *other)
{
	if (fields_bad(other) && !fields_bad(fields))
		memcpy(fields->problem, other->problem, sizeof(fields->problem));
}

static void check_limits(struct fields *holder)
{
	struct fields fields = { .object = field_object(holder, "limits") };
	const char *names[sizeof(limits) / sizeof(limits[0])];

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		names[i] = limits[i].name;
		if (names[i])
			field_integer_or(&fields, names[i], 1, limits[i].most, 1);
	}
	only_known(&fields, names);
	also(holder, &fields);
}

static void check_rule(struct fields *file, json_t *rule)
{
	struct fields fields = { .object = rule };
	const char *wide = field_string_or(&fields, "machine_wide", "warn");
	json_t *item;
	size_t index;

	if (!json_is_object(rule))
		fields_problem(&fields, "rules", "must have objects");
	only_known(&fields, rule_names);
	for (const char *const *name = rule_lists; *name; name++)
		json_array_foreach (field_array(&fields, *name, MAX_POLICY_ITEMS), index, item)
			if (!json_is_string(item))
				fields_problem(&fields, *name, "must have strings");
	if (strcmp(wide, "warn") && strcmp(wide, "refuse"))
		fields_problem(&fields, "machine_wide", "must be warn or refuse");
	check_limits(&fields);
	also(file, &fields);
}

static void check_file(struct fields *file)
{
	json_t *rule;
	size_t index;

	if (field_integer(file, "version", 0, INT32_MAX) != POLICY_VERSION)
		fields_problem(file, "version", "must be 1");
	only_known(file, file_names);
	check_limits(file);
	json_array_foreach (field_array(file, "rules", MAX_POLICY_ITEMS), index, rule)
		check_rule(file, rule);
}

/* A list that is not there fits everything. */
static bool fits(const json_t *list, const char *text)
{
	size_t index;
	json_t *pattern;

	json_array_foreach (list, index, pattern)
		if (!fnmatch(json_string_value(pattern), text, 0))
			return true;
	return list == NULL;
}

static int number_of(const json_t *terms, const char *name)
{
	return (int)json_integer_value(json_object_get(terms, name));
}

/* Takes what is the supervisor's own out of the terms. */
static void take_terms(struct grant *grant, json_t *file, json_t *rule)
{
	static const char *const own[] = { "sessions", "sessions_per_user", "rate_kib_s",
					   "idle_s" };
	static const char *const shared[] = { "namespaces", "program_types", "machine_wide" };
	json_t *terms = json_object();

	json_object_update(terms, json_object_get(file, "limits"));
	json_object_update(terms, json_object_get(rule, "limits"));
	grant->sessions = number_of(terms, "sessions");
	grant->sessions_per_user = number_of(terms, "sessions_per_user");
	grant->rate_bytes_s = (uint64_t)number_of(terms, "rate_kib_s") * 1024;
	grant->idle_ms = (uint64_t)number_of(terms, "idle_s") * 1000;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		json_object_del(terms, own[i]);
	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
		json_object_set(terms, shared[i], json_object_get(rule, shared[i]));
	grant->terms = terms;
}

int policy_decide(const char *path, const char *node, const char *user, struct grant *grant,
		  struct fault *fault)
{
	struct fields file = { 0 };
	json_t *rules, *rule, *found = NULL;
	json_error_t wrong;
	size_t index;
	int err = 0;

	*grant = (struct grant){ 0 };
	if (!path || (access(path, F_OK) && errno == ENOENT))
		return 0;
	file.object = json_load_file(path, JSON_REJECT_DUPLICATES, &wrong);
	if (!json_is_object(file.object))
		snprintf(file.problem, sizeof(file.problem), "line %d: %.100s", wrong.line,
			 file.object ? "it is no object" : wrong.text);
	else
		check_file(&file);
	if (fields_bad(&file)) {
		err = fault_set(fault, E_POLICY_INVALID, EINVAL, path,
				"The policy of node \"%s\" cannot be used: %s.", node,
				file.problem);
		goto cleanup;
	}
	rules = json_object_get(file.object, "rules");
	json_array_foreach (rules, index, rule)
		if (!found && fits(json_object_get(rule, "users"), user) &&
		    fits(json_object_get(rule, "nodes"), node))
			found = rule;
	if (rules && !found) {
		err = fault_set(fault, E_POLICY_REFUSED, EACCES, user,
				"The policy of node \"%s\" has no rule for user \"%s\".", node,
				user);
		goto cleanup;
	}
	take_terms(grant, file.object, found);
cleanup:
	json_decref(file.object);
	return err;
}

void grant_free(struct grant *grant)
{
	json_decref(grant->terms);
	grant->terms = NULL;
}

bool policy_allows_type(const json_t *terms, const char *type)
{
	return fits(json_object_get(terms, "program_types"), type);
}

bool policy_limits_types(const json_t *terms)
{
	return json_object_get(terms, "program_types") != NULL;
}
