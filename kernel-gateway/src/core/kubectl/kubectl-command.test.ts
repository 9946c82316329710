import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LabError } from '../../protocol/index.js';
import { parseKubectl } from './kubectl-command.js';

const read = (text: string) => parseKubectl(text.split(' '));

describe('parseKubectl', () => {
  it('reads commands as they are written for kubectl', () => {
    expect(read('kubectl get pods,svc -A -o wide -l app=web')).toMatchObject({
      ...{ verb: 'get', words: ['pods,svc'], isEverywhere: true, output: 'wide', selector: 'app=web' }
    });
    expect(read('-n kube-system get pod/dns --output=yaml')).toMatchObject({
      ...{ verb: 'get', namespace: 'kube-system', words: ['pod/dns'], output: 'yaml' }
    });
    expect(read('exec web -c main -- ls -l /tmp')).toMatchObject({
      ...{ verb: 'exec', words: ['web'], container: 'main', args: ['ls', '-l', '/tmp'] }
    });
    expect(read('logs web --tail 5 -p')).toMatchObject({ verb: 'logs', tailLines: 5, isPrevious: true });
    expect(read('wait pod/web --for=condition=Ready --timeout=2m')).toMatchObject({
      ...{ verb: 'wait', condition: 'condition=Ready', timeoutMs: 120_000 }
    });
    expect(read('apply -f -')).toMatchObject({ verb: 'apply', isFromText: true });
  });

  it.each([
    ['edit pod web', 'there is no verb "edit" here'],
    ['get', 'needs a kind'],
    ['get pods -w', 'has no option "-w"'],
    ['get pods -o', 'needs a value'],
    ['exec web -t -- sh', 'a cell is no terminal'],
    ['exec web', 'exec needs POD -- COMMAND'],
    ['get pods --context other', "cells use the session's cluster"],
    ['apply -f file.yaml', '-f -'],
    ['delete pods', 'delete needs a name'],
    ['drain get', 'there is no verb "drain" here']
  ])('refuses %j', (text, words) => {
    expect(() => read(text)).toThrow(words);
  });

  it('throws nothing but its own error', () => {
    const word = fc.oneof(fc.string(), fc.constantFrom('get', 'exec', '--', '-n', '-f', '-', '-l', 'pods', '--tail'));
    fc.assert(
      fc.property(fc.array(word), words => {
        try {
          parseKubectl(words);
        } catch (error) {
          expect(error).toBeInstanceOf(LabError);
        }
      })
    );
  });
});
