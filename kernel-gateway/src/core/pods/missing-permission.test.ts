import { expect, it } from 'vitest';
import { missingPermission } from './missing-permission.js';

const refusal = (user: string, rest: string): string => `pods is forbidden: User "${user}" cannot ${rest}`;

it('names what is missing, and the command that gives it to a service account', () => {
  const message = refusal(
    'system:serviceaccount:team:ann',
    'list resource "pods" in API group "" in the namespace "bpflab"'
  );
  expect(missingPermission(message, 'bpflab')).toBe(
    'Whoever runs the cluster allows it ("list" on "pods") with: ' +
      'kubectl create rolebinding bpflab-user-ann -n bpflab --role=bpflab-user --serviceaccount=team:ann'
  );
});

it('gives a person the cluster role where it is about the whole cluster', () => {
  const message = refusal("o'hara", 'list resource "nodes" in API group "" at the cluster scope');
  expect(missingPermission(message, 'bpflab')).toContain(
    "kubectl create clusterrolebinding bpflab-user-o-hara --clusterrole=bpflab-user --user='o'\\''hara'"
  );
});

it('takes a refusal without words for the one of an exec', () => {
  expect(missingPermission('', 'bpflab')).toContain('("create" on "pods/exec")');
});
