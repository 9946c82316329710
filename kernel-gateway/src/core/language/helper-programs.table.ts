/**
 * Which program types may call which helper: rows of program types (libbpf's names) and helpers without "bpf_". A helper in
 * no row may be called by every type. Measured with `bpftool feature probe` on 6.12 (cloud flavor), which loads a program
 * per type and helper; what cannot be measured (tracing, LSM, helpers that a probe leaves out because they print or write)
 * is from the kernel's own tables: kernel/trace/bpf_trace.c, kernel/bpf/bpf_lsm.c, drivers/media/rc/bpf-lirc.c.
 */
const rows: readonly (readonly [types: string, helpers: string])[] = [
  [
    'socket_filter kprobe sched_cls sched_act tracepoint xdp perf_event cgroup_skb cgroup_sock lwt_in lwt_out lwt_xmit sock_ops sk_skb cgroup_device sk_msg raw_tracepoint cgroup_sock_addr lwt_seg6local cgroup_sysctl raw_tracepoint_writable cgroup_sockopt sk_lookup syscall',
    'perf_event_output'
  ],
  [
    'socket_filter sched_cls sched_act xdp cgroup_skb cgroup_sock lwt_in lwt_out lwt_xmit sock_ops sk_skb sk_msg cgroup_sock_addr lwt_seg6local sk_reuseport flow_dissector cgroup_sysctl sk_lookup',
    'ktime_get_coarse_ns'
  ],
  [
    'socket_filter sched_cls sched_act xdp cgroup_skb lwt_in lwt_out lwt_xmit sock_ops sk_skb sk_msg cgroup_sock_addr lwt_seg6local flow_dissector sk_lookup syscall',
    'skc_to_mptcp_sock skc_to_tcp6_sock skc_to_tcp_request_sock skc_to_tcp_sock skc_to_tcp_timewait_sock ' +
      'skc_to_udp6_sock skc_to_unix_sock'
  ],
  [
    'sched_cls sched_act cgroup_sock lwt_in lwt_out lwt_xmit cgroup_device sk_msg cgroup_sock_addr lwt_seg6local cgroup_sysctl cgroup_sockopt',
    'get_cgroup_classid'
  ],
  [
    'kprobe tracepoint perf_event cgroup_sock cgroup_device sk_msg raw_tracepoint cgroup_sock_addr cgroup_sysctl raw_tracepoint_writable cgroup_sockopt syscall',
    'get_current_uid_gid'
  ],
  [
    'kprobe tracepoint perf_event cgroup_sock cgroup_device raw_tracepoint cgroup_sock_addr cgroup_sysctl raw_tracepoint_writable cgroup_sockopt syscall',
    'current_task_under_cgroup get_current_comm'
  ],
  [
    'socket_filter sched_cls sched_act cgroup_skb lwt_in lwt_out lwt_xmit sk_skb lwt_seg6local sk_reuseport flow_dissector',
    'skb_load_bytes'
  ],
  [
    'socket_filter sched_cls sched_act cgroup_skb cgroup_sock sock_ops sk_skb cgroup_sock_addr sk_reuseport syscall',
    'get_socket_cookie'
  ],
  [
    'sched_cls sched_act cgroup_skb cgroup_sock sock_ops sk_msg cgroup_sock_addr cgroup_sockopt syscall',
    'sk_storage_get'
  ],
  ['sched_cls sched_act cgroup_skb sock_ops sk_msg cgroup_sock_addr cgroup_sockopt syscall', 'sk_storage_delete'],
  ['sched_cls sched_act xdp lwt_in lwt_out lwt_xmit lwt_seg6local', 'csum_diff'],
  ['cgroup_skb cgroup_sock sock_ops cgroup_device cgroup_sock_addr cgroup_sysctl cgroup_sockopt', 'get_local_storage'],
  ['sched_cls sched_act xdp cgroup_skb sk_skb cgroup_sock_addr sk_lookup', 'sk_release'],
  [
    'kprobe tracepoint perf_event raw_tracepoint raw_tracepoint_writable syscall',
    'copy_from_user copy_from_user_task find_vma get_branch_snapshot get_func_ip get_stack get_stackid ' +
      'get_task_stack perf_event_read perf_event_read_value probe_read probe_read_str send_signal ' +
      'send_signal_thread task_storage_delete task_storage_get'
  ],
  ['sched_cls sched_act lwt_in lwt_out lwt_xmit lwt_seg6local', 'get_hash_recalc get_route_realm skb_under_cgroup'],
  ['sched_cls sched_act xdp cgroup_skb sk_skb cgroup_sock_addr', 'sk_lookup_tcp sk_lookup_udp skc_lookup_tcp'],
  ['sched_cls sched_act lwt_in lwt_out lwt_xmit sk_skb', 'skb_pull_data'],
  ['kprobe tracepoint perf_event raw_tracepoint raw_tracepoint_writable', 'get_attach_cookie'],
  ['cgroup_sock sock_ops sk_msg cgroup_sock_addr cgroup_sockopt', 'get_netns_cookie'],
  ['socket_filter sched_cls sched_act cgroup_skb sk_skb', 'get_socket_uid'],
  ['socket_filter sched_cls sched_act cgroup_skb sk_reuseport', 'skb_load_bytes_relative'],
  ['sched_cls sched_act cgroup_skb sock_ops cgroup_sockopt', 'tcp_sock'],
  ['sched_cls sched_act xdp lwt_xmit', 'redirect'],
  ['sched_cls sched_act lwt_xmit sk_skb', 'skb_change_head skb_change_tail skb_store_bytes'],
  [
    'sched_cls sched_act xdp',
    'check_mtu fib_lookup tcp_check_syncookie tcp_gen_syncookie tcp_raw_check_syncookie_ipv4 ' +
      'tcp_raw_check_syncookie_ipv6 tcp_raw_gen_syncookie_ipv4 tcp_raw_gen_syncookie_ipv6'
  ],
  [
    'sched_cls sched_act lwt_xmit',
    'clone_redirect csum_level csum_update l3_csum_replace l4_csum_replace set_hash_invalid ' +
      'skb_get_tunnel_key skb_get_tunnel_opt skb_set_tunnel_key skb_set_tunnel_opt'
  ],
  [
    'sched_cls sched_act cgroup_skb',
    'get_listener_sock sk_fullsock skb_ancestor_cgroup_id skb_cgroup_id skb_ecn_set_ce'
  ],
  ['cgroup_sock cgroup_sock_addr cgroup_sockopt', 'get_retval set_retval'],
  ['sched_cls sched_act sk_lookup', 'sk_assign'],
  ['sched_cls sched_act sk_skb', 'skb_adjust_room'],
  ['sock_ops cgroup_sock_addr', 'getsockopt setsockopt'],
  ['lwt_in lwt_xmit', 'lwt_push_encap'],
  [
    'sched_cls sched_act',
    'redirect_neigh redirect_peer set_hash skb_cgroup_classid skb_change_proto skb_change_type ' +
      'skb_get_xfrm_state skb_set_tstamp skb_vlan_pop skb_vlan_push'
  ],
  ['xdp syscall', 'xdp_get_buff_len'],
  ['cgroup_sock_addr', 'bind'],
  [
    'syscall',
    'btf_find_by_name_kind d_path kallsyms_lookup_name skb_output sock_from_file sys_bpf sys_close ' + 'xdp_output'
  ],
  ['sock_ops', 'load_hdr_opt reserve_hdr_opt sock_hash_update sock_map_update sock_ops_cb_flags_set store_hdr_opt'],
  ['lwt_seg6local', 'lwt_seg6_action lwt_seg6_adjust_srh lwt_seg6_store_bytes'],
  [
    'sk_msg',
    'msg_apply_bytes msg_cork_bytes msg_pop_data msg_pull_data msg_push_data msg_redirect_hash ' + 'msg_redirect_map'
  ],
  ['perf_event', 'perf_prog_read_value read_branch_records'],
  ['xdp', 'redirect_map xdp_adjust_head xdp_adjust_meta xdp_adjust_tail xdp_load_bytes xdp_store_bytes'],
  ['cgroup_skb', 'sk_ancestor_cgroup_id sk_cgroup_id'],
  ['sk_skb', 'sk_redirect_hash sk_redirect_map'],
  ['sk_reuseport', 'sk_select_reuseport'],
  ['cgroup_sysctl', 'sysctl_get_current_value sysctl_get_name sysctl_get_new_value sysctl_set_new_value'],
  // Not measured.
  ['kprobe', 'override_return'],
  ['kprobe tracepoint perf_event raw_tracepoint raw_tracepoint_writable', 'probe_write_user'],
  ['lirc_mode2', 'rc_repeat rc_keydown rc_pointer_rel'],
  ['sk_reuseport', 'sk_select_reuseport'],
  [
    'tracing',
    'get_func_arg get_func_ret get_func_arg_cnt get_func_ip seq_printf seq_write seq_printf_btf skb_output xdp_output d_path ' +
      'sock_from_file get_socket_cookie sk_storage_get sk_storage_delete skc_to_tcp6_sock skc_to_tcp_sock ' +
      'skc_to_tcp_timewait_sock skc_to_tcp_request_sock skc_to_udp6_sock skc_to_unix_sock skc_to_mptcp_sock getsockopt setsockopt'
  ],
  [
    'lsm',
    'inode_storage_get inode_storage_delete bprm_opts_set ima_inode_hash ima_file_hash get_retval set_retval spin_lock spin_unlock'
  ]
];

/** Types that may call what another may, besides their own rows. */
const inherits: Readonly<Record<string, string>> = { tracing: 'raw_tracepoint', lsm: 'tracing' };

const typesByHelper = new Map<string, Set<string>>();
for (const [types, helpers] of rows)
  for (const helper of helpers.split(' ')) {
    const known = typesByHelper.get(`bpf_${helper}`) ?? new Set<string>();
    for (const type of types.split(' ')) known.add(type);
    typesByHelper.set(`bpf_${helper}`, known);
  }
for (const types of typesByHelper.values())
  for (const [type, from] of Object.entries(inherits)) if (types.has(from)) types.add(type);

/** Program types (libbpf's names, sorted) that may call a helper; null: every type. */
export function programTypesOf(helper: string): readonly string[] | null {
  const types = typesByHelper.get(helper);
  return types ? [...types].sort() : null;
}

/** Whether a program of that type may call a helper; a program type that is not known ("", "unknown", "ext") may call all. */
export function mayCall(type: string, helper: string): boolean {
  const types = typesByHelper.get(helper);
  return types === undefined || type === '' || type === 'unknown' || type === 'ext' || types.has(type);
}
