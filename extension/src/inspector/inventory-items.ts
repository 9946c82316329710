import type { TranslationBundle } from '@jupyterlab/translation';
import type { InspectInventory, InspectOwner } from 'kernel-gateway/protocol';
import { formatBytes, formatCount, formatDuration } from '../format/quantity.js';

/** What can be done to an item; `danger` asks before. */
export interface IItemAction {
  label: string;
  caption: string;
  do:
    | { kind: 'code'; program: number; name: string }
    | { kind: 'dump'; map: number; name: string }
    | { kind: 'btf'; btf: number; name: string }
    | { kind: 'detach'; link: number }
    | { kind: 'unpin'; path: string };
  /** Question to ask first; empty: none. */
  question: string;
}

/** One loaded object as a line of the panel. */
export interface IInventoryItem {
  /** Kind and id. */
  key: string;
  isOwn: boolean;
  name: string;
  id: number;
  /** Facts that do not change while it is loaded, one line each. */
  facts: string[];
  /** What is counted. */
  stats: string;
  actions: IItemAction[];
}

/** A section of the panel. */
export interface IInventorySection {
  kind: 'programs' | 'maps' | 'links' | 'btf';
  title: string;
  items: IInventoryItem[];
}

function ownerText(owner: InspectOwner, trans: TranslationBundle): string {
  if (owner.is_own) {
    return trans.__('this notebook, run %1', owner.run);
  }
  return owner.processes.length === 0
    ? trans.__('held by the kernel')
    : trans.__('held by %1', owner.processes.join(', '));
}

function unpinActions(pinned: readonly string[], trans: TranslationBundle): IItemAction[] {
  return pinned.map(path => ({
    label: trans.__('Unpin'),
    caption: trans.__('Remove the pin %1', path),
    do: { kind: 'unpin', path },
    question: trans.__('Remove the pin %1? What nothing else holds is unloaded.', path)
  }));
}

const pinFacts = (pinned: readonly string[], trans: TranslationBundle): string[] =>
  pinned.map(path => trans.__('pinned at %1', path));

function programItems(inventory: InspectInventory, trans: TranslationBundle): IInventoryItem[] {
  return inventory.programs.map(program => {
    const runs = BigInt(program.run_count);
    const each = runs === 0n ? 0 : Number(BigInt(program.run_time_ns) / runs);
    const name = program.name === '' ? trans.__('(no name)') : program.name;
    return {
      key: `program-${program.id}`,
      isOwn: program.owner.is_own,
      name,
      id: program.id,
      facts: [
        program.type,
        ...(program.attached_to.length === 0 ? [trans.__('not attached')] : program.attached_to),
        ownerText(program.owner, trans),
        trans.__('%1 translated, %2 native', formatBytes(program.xlated_bytes), formatBytes(program.jited_bytes)),
        ...pinFacts(program.pinned, trans)
      ],
      stats:
        runs === 0n
          ? trans.__('no runs counted')
          : trans.__('%1 runs, %2 each', formatCount(program.run_count), formatDuration(each)),
      actions: [
        {
          label: trans.__('Code'),
          caption: trans.__('Instructions beside the C lines'),
          do: { kind: 'code', program: program.id, name },
          question: ''
        },
        ...unpinActions(program.pinned, trans)
      ]
    };
  });
}

function mapItems(inventory: InspectInventory, trans: TranslationBundle): IInventoryItem[] {
  return inventory.maps.map(map => ({
    key: `map-${map.id}`,
    isOwn: map.owner.is_own,
    name: map.name === '' ? trans.__('(no name)') : map.name,
    id: map.id,
    facts: [
      map.type,
      trans._n(
        'key %2, value %3, %4 entry at most',
        'key %2, value %3, %4 entries at most',
        map.max_entries,
        formatBytes(map.key_size),
        formatBytes(map.value_size),
        formatCount(String(map.max_entries))
      ),
      ownerText(map.owner, trans),
      ...pinFacts(map.pinned, trans)
    ],
    stats: '',
    actions: [
      ...(map.can_dump
        ? [
            {
              label: trans.__('Contents'),
              caption: trans.__('Open what the map holds'),
              do: { kind: 'dump' as const, map: map.id, name: map.name },
              question: ''
            }
          ]
        : []),
      ...unpinActions(map.pinned, trans)
    ]
  }));
}

function linkItems(inventory: InspectInventory, trans: TranslationBundle): IInventoryItem[] {
  return inventory.links.map(link => ({
    key: `link-${link.id}`,
    isOwn: link.owner.is_own,
    name: [link.kind, link.target].filter(text => text !== '').join(' '),
    id: link.id,
    facts: [
      trans.__('program %1', link.program === '' ? `#${link.program_id}` : link.program),
      ownerText(link.owner, trans),
      ...pinFacts(link.pinned, trans)
    ],
    stats: '',
    actions: [
      {
        label: trans.__('Detach'),
        caption: trans.__('Take the program off its hook'),
        do: { kind: 'detach', link: link.id },
        question: link.owner.is_own ? '' : trans.__('Detach link %1? It belongs to somebody else.', link.id)
      },
      ...unpinActions(link.pinned, trans)
    ]
  }));
}

function btfItems(inventory: InspectInventory, trans: TranslationBundle): IInventoryItem[] {
  return inventory.btf.map(btf => {
    const name = btf.name === '' ? (btf.used_by[0] ?? trans.__('(no name)')) : btf.name;
    return {
      key: `btf-${btf.id}`,
      isOwn: btf.owner.is_own,
      name,
      id: btf.id,
      facts: [
        formatBytes(btf.bytes),
        btf.is_kernel ? trans.__('of the kernel') : trans.__('used by %1', btf.used_by.join(', ') || '–')
      ],
      stats: '',
      actions: [
        {
          label: trans.__('Types'),
          caption: trans.__('Structs, unions and enums as C'),
          do: { kind: 'btf', btf: btf.id, name },
          question: ''
        }
      ]
    };
  });
}

/** The inventory as sections; `isWhole`: also what is not of this session. `text` must stand in a name or a fact. */
export function inventorySections(
  inventory: InspectInventory,
  filter: { isWhole: boolean; text: string },
  trans: TranslationBundle
): IInventorySection[] {
  const text = filter.text.trim().toLowerCase();
  const isShown = (item: IInventoryItem): boolean =>
    (filter.isWhole || item.isOwn) &&
    (text === '' || [item.name, String(item.id), ...item.facts].some(one => one.toLowerCase().includes(text)));
  const section = (kind: IInventorySection['kind'], title: string, items: IInventoryItem[]): IInventorySection => ({
    kind,
    title,
    items: items.filter(isShown)
  });
  return [
    section('programs', trans.__('Programs'), programItems(inventory, trans)),
    section('maps', trans.__('Maps'), mapItems(inventory, trans)),
    section('links', trans.__('Links'), linkItems(inventory, trans)),
    section('btf', trans.__('Types (BTF)'), btfItems(inventory, trans))
  ];
}
