import { AllowedPrograms, type AllowedRow } from './allowed-programs.js';

/**
 * Which program types may call which helper, without "bpf_". Measured by loading a program for each type and helper on Linux
 * 6.1, 6.12 and 7.3 (Debian's cloud flavor); types whose programs are of several kinds (tracing, lsm, cgroup_sockopt) may
 * call what one of the kinds may. What a kernel's configuration hides is from kernel/trace/bpf_trace.c, net/core/filter.c and
 * drivers/media/rc/bpf-lirc.c.
 */
const rows: readonly AllowedRow[] = [
  [
    '6.1',
    '*',
    'dynptr_data dynptr_from_mem dynptr_read dynptr_write for_each_map_elem ' +
      'get_current_task get_current_task_btf get_numa_node_id get_prandom_u32 ' +
      'get_smp_processor_id jiffies64 kptr_xchg ktime_get_boot_ns ktime_get_ns ' +
      'ktime_get_tai_ns loop map_delete_elem map_lookup_elem map_lookup_percpu_elem ' +
      'map_peek_elem map_pop_elem map_push_elem map_update_elem per_cpu_ptr ' +
      'probe_read_kernel probe_read_kernel_str probe_read_user probe_read_user_str ' +
      'ringbuf_discard ringbuf_discard_dynptr ringbuf_output ringbuf_query ' +
      'ringbuf_reserve ringbuf_reserve_dynptr ringbuf_submit ringbuf_submit_dynptr ' +
      'snprintf snprintf_btf spin_lock spin_unlock strncmp strtol strtoul ' +
      'tail_call task_pt_regs this_cpu_ptr timer_cancel timer_init ' +
      'timer_set_callback timer_start trace_printk trace_vprintk user_ringbuf_drain'
  ],
  [
    '6.1',
    'socket_filter kprobe sched_cls sched_act tracepoint xdp perf_event cgroup_skb cgroup_sock lwt_in ' +
      'lwt_out lwt_xmit sock_ops sk_skb cgroup_device sk_msg raw_tracepoint cgroup_sock_addr lwt_seg6local ' +
      'cgroup_sysctl raw_tracepoint_writable cgroup_sockopt tracing lsm sk_lookup syscall',
    'perf_event_output'
  ],
  [
    '6.1',
    'socket_filter sched_cls sched_act xdp cgroup_skb cgroup_sock lwt_in lwt_out lwt_xmit sock_ops sk_skb ' +
      'sk_msg cgroup_sock_addr lwt_seg6local sk_reuseport flow_dissector cgroup_sysctl sk_lookup',
    'ktime_get_coarse_ns'
  ],
  [
    '6.1',
    'socket_filter sched_cls sched_act xdp cgroup_skb lwt_in lwt_out lwt_xmit sock_ops sk_skb sk_msg ' +
      'cgroup_sock_addr lwt_seg6local flow_dissector tracing lsm sk_lookup syscall',
    'skc_to_mptcp_sock skc_to_tcp6_sock skc_to_tcp_request_sock skc_to_tcp_sock ' +
      'skc_to_tcp_timewait_sock skc_to_udp6_sock skc_to_unix_sock'
  ],
  [
    '6.1',
    'kprobe tracepoint perf_event cgroup_sock cgroup_device sk_msg raw_tracepoint cgroup_sock_addr ' +
      'cgroup_sysctl raw_tracepoint_writable cgroup_sockopt tracing lsm syscall',
    'get_current_ancestor_cgroup_id get_current_cgroup_id get_current_pid_tgid ' + 'get_current_uid_gid'
  ],
  [
    '6.1',
    'kprobe tracepoint perf_event cgroup_sock cgroup_device raw_tracepoint cgroup_sock_addr cgroup_sysctl ' +
      'raw_tracepoint_writable cgroup_sockopt tracing lsm syscall',
    'get_current_comm'
  ],
  [
    '6.1',
    'sched_cls sched_act cgroup_sock lwt_in lwt_out lwt_xmit cgroup_device sk_msg cgroup_sock_addr ' +
      'lwt_seg6local cgroup_sysctl cgroup_sockopt',
    'get_cgroup_classid'
  ],
  [
    '6.1',
    'socket_filter sched_cls sched_act cgroup_skb cgroup_sock sock_ops sk_skb cgroup_sock_addr ' +
      'sk_reuseport tracing lsm syscall',
    'get_socket_cookie'
  ],
  [
    '6.1',
    'sched_cls sched_act cgroup_skb cgroup_sock sock_ops sk_msg cgroup_sock_addr cgroup_sockopt tracing ' +
      'lsm syscall',
    'sk_storage_get'
  ],
  [
    '6.1',
    'socket_filter sched_cls sched_act cgroup_skb lwt_in lwt_out lwt_xmit sk_skb lwt_seg6local ' +
      'sk_reuseport flow_dissector',
    'skb_load_bytes'
  ],
  [
    '6.1',
    'sched_cls sched_act cgroup_skb sock_ops sk_msg cgroup_sock_addr cgroup_sockopt tracing lsm syscall',
    'sk_storage_delete'
  ],
  [
    '6.1',
    'cgroup_skb cgroup_sock sock_ops cgroup_device cgroup_sock_addr cgroup_sysctl cgroup_sockopt lsm',
    'get_local_storage'
  ],
  [
    '6.1',
    'kprobe tracepoint perf_event raw_tracepoint raw_tracepoint_writable tracing lsm syscall',
    'copy_from_user copy_from_user_task current_task_under_cgroup find_vma ' +
      'get_branch_snapshot get_func_ip get_ns_current_pid_tgid get_stack get_stackid ' +
      'get_task_stack perf_event_read perf_event_read_value probe_read probe_read_str ' +
      'probe_write_user send_signal send_signal_thread task_storage_delete ' +
      'task_storage_get'
  ],
  ['6.1', 'sched_cls sched_act xdp lwt_in lwt_out lwt_xmit lwt_seg6local', 'csum_diff'],
  ['6.1', 'sched_cls sched_act xdp cgroup_skb sk_skb cgroup_sock_addr sk_lookup', 'sk_release'],
  ['6.1', 'cgroup_sock cgroup_device cgroup_sock_addr cgroup_sysctl cgroup_sockopt lsm', 'get_retval set_retval'],
  [
    '6.1',
    'sched_cls sched_act lwt_in lwt_out lwt_xmit lwt_seg6local',
    'get_hash_recalc get_route_realm skb_under_cgroup'
  ],
  ['6.1', 'sched_cls sched_act xdp cgroup_skb sk_skb cgroup_sock_addr', 'sk_lookup_tcp sk_lookup_udp skc_lookup_tcp'],
  ['6.1', 'sched_cls sched_act lwt_in lwt_out lwt_xmit sk_skb', 'skb_pull_data'],
  ['6.1', 'kprobe tracepoint perf_event tracing lsm', 'get_attach_cookie'],
  ['6.1', 'cgroup_sock sock_ops sk_msg cgroup_sock_addr cgroup_sockopt', 'get_netns_cookie'],
  ['6.1', 'socket_filter sched_cls sched_act cgroup_skb sk_skb', 'get_socket_uid'],
  ['6.1', 'sock_ops cgroup_sock_addr cgroup_sockopt tracing lsm', 'getsockopt setsockopt'],
  ['6.1', 'socket_filter sched_cls sched_act cgroup_skb sk_reuseport', 'skb_load_bytes_relative'],
  ['6.1', 'sched_cls sched_act cgroup_skb sock_ops cgroup_sockopt', 'tcp_sock'],
  ['6.1', 'sched_cls sched_act xdp lwt_xmit', 'redirect'],
  ['6.1', 'sched_cls sched_act lwt_xmit sk_skb', 'skb_change_head skb_change_tail skb_store_bytes'],
  ['6.1', 'xdp tracing lsm syscall', 'xdp_get_buff_len'],
  [
    '6.1',
    'sched_cls sched_act xdp',
    'check_mtu fib_lookup tcp_check_syncookie tcp_gen_syncookie ' +
      'tcp_raw_check_syncookie_ipv4 tcp_raw_check_syncookie_ipv6 tcp_raw_gen_syncookie_ipv4 ' +
      'tcp_raw_gen_syncookie_ipv6'
  ],
  [
    '6.1',
    'sched_cls sched_act lwt_xmit',
    'clone_redirect csum_level csum_update l3_csum_replace l4_csum_replace ' +
      'set_hash_invalid skb_get_tunnel_key skb_get_tunnel_opt skb_set_tunnel_key ' +
      'skb_set_tunnel_opt'
  ],
  ['6.1', 'sched_cls sched_act sk_lookup', 'sk_assign'],
  ['6.1', 'sched_cls sched_act sk_skb', 'skb_adjust_room'],
  [
    '6.1',
    'sched_cls sched_act cgroup_skb',
    'get_listener_sock sk_fullsock skb_ancestor_cgroup_id skb_cgroup_id skb_ecn_set_ce'
  ],
  ['6.1', 'tracing lsm syscall', 'd_path skb_output sock_from_file xdp_output'],
  ['6.1', 'tracing lsm', 'get_func_arg get_func_arg_cnt get_func_ret'],
  ['6.1', 'lwt_in lwt_xmit', 'lwt_push_encap'],
  [
    '6.1',
    'sched_cls sched_act',
    'redirect_neigh redirect_peer set_hash skb_cgroup_classid skb_change_proto ' +
      'skb_change_type skb_get_xfrm_state skb_set_tstamp skb_vlan_pop skb_vlan_push'
  ],
  ['6.1', 'cgroup_sock_addr', 'bind'],
  ['6.1', 'lsm', 'bprm_opts_set ima_file_hash ima_inode_hash inode_storage_delete inode_storage_get'],
  ['6.1', 'lwt_seg6local', 'lwt_seg6_action lwt_seg6_adjust_srh lwt_seg6_store_bytes'],
  [
    '6.1',
    'sk_msg',
    'msg_apply_bytes msg_cork_bytes msg_pop_data msg_pull_data msg_push_data ' + 'msg_redirect_hash msg_redirect_map'
  ],
  ['6.1', 'perf_event', 'perf_prog_read_value read_branch_records'],
  ['6.1', 'tracing', 'seq_printf seq_printf_btf seq_write'],
  ['6.1', 'cgroup_skb', 'sk_ancestor_cgroup_id sk_cgroup_id'],
  ['6.1', 'sk_skb', 'sk_redirect_hash sk_redirect_map'],
  ['6.1', 'sk_reuseport', 'sk_select_reuseport'],
  [
    '6.1',
    'sock_ops',
    'load_hdr_opt reserve_hdr_opt sock_hash_update sock_map_update ' + 'sock_ops_cb_flags_set store_hdr_opt'
  ],
  ['6.1', 'syscall', 'btf_find_by_name_kind kallsyms_lookup_name sys_bpf sys_close'],
  ['6.1', 'cgroup_sysctl', 'sysctl_get_current_value sysctl_get_name sysctl_get_new_value sysctl_set_new_value'],
  ['6.1', 'xdp', 'redirect_map xdp_adjust_head xdp_adjust_meta xdp_adjust_tail xdp_load_bytes ' + 'xdp_store_bytes'],
  ['6.12', '*', 'cgrp_storage_delete cgrp_storage_get'],
  [
    '6.12',
    'socket_filter sched_cls sched_act xdp cgroup_skb cgroup_sock lwt_in lwt_out lwt_xmit sock_ops sk_skb ' +
      'cgroup_device sk_msg cgroup_sock_addr lwt_seg6local sk_reuseport flow_dissector cgroup_sysctl ' +
      'cgroup_sockopt sk_lookup netfilter',
    'get_ns_current_pid_tgid'
  ],
  [
    '6.12',
    'socket_filter sched_cls sched_act xdp cgroup_skb lwt_in lwt_out lwt_xmit sock_ops sk_skb ' +
      'lwt_seg6local sk_reuseport flow_dissector sk_lookup netfilter',
    'get_current_ancestor_cgroup_id get_current_cgroup_id get_current_pid_tgid'
  ],
  ['6.12', 'cgroup_sock cgroup_device cgroup_sock_addr cgroup_sysctl cgroup_sockopt', 'current_task_under_cgroup'],
  ['6.12', 'raw_tracepoint raw_tracepoint_writable', 'get_attach_cookie'],
  [
    '6.12',
    'netfilter',
    'dynptr_data dynptr_from_mem dynptr_read dynptr_write for_each_map_elem ' +
      'get_current_task get_current_task_btf get_numa_node_id get_prandom_u32 ' +
      'get_smp_processor_id jiffies64 kptr_xchg ktime_get_boot_ns ktime_get_ns ' +
      'ktime_get_tai_ns loop map_delete_elem map_lookup_elem map_lookup_percpu_elem ' +
      'map_peek_elem map_pop_elem map_push_elem map_update_elem per_cpu_ptr ' +
      'probe_read_kernel probe_read_kernel_str probe_read_user probe_read_user_str ' +
      'ringbuf_discard ringbuf_discard_dynptr ringbuf_output ringbuf_query ' +
      'ringbuf_reserve ringbuf_reserve_dynptr ringbuf_submit ringbuf_submit_dynptr ' +
      'snprintf snprintf_btf spin_lock spin_unlock strncmp strtol strtoul ' +
      'tail_call task_pt_regs this_cpu_ptr timer_cancel timer_init ' +
      'timer_set_callback timer_start trace_printk trace_vprintk user_ringbuf_drain'
  ],
  [
    '7.3',
    'socket_filter sched_cls sched_act xdp cgroup_skb cgroup_sock lwt_in lwt_out lwt_xmit sock_ops sk_skb ' +
      'cgroup_device sk_msg cgroup_sock_addr lwt_seg6local sk_reuseport flow_dissector cgroup_sysctl ' +
      'cgroup_sockopt sk_lookup netfilter',
    'copy_from_user copy_from_user_task find_vma get_branch_snapshot get_task_stack ' +
      'perf_event_read perf_event_read_value send_signal send_signal_thread ' +
      'task_storage_delete task_storage_get'
  ],
  [
    '7.3',
    'socket_filter kprobe tracepoint xdp perf_event cgroup_skb sock_ops sk_skb raw_tracepoint sk_reuseport ' +
      'flow_dissector raw_tracepoint_writable tracing lsm sk_lookup syscall netfilter',
    'get_cgroup_classid'
  ],
  [
    '7.3',
    'socket_filter sched_cls sched_act xdp cgroup_skb lwt_in lwt_out lwt_xmit sock_ops sk_skb sk_msg ' +
      'lwt_seg6local sk_reuseport flow_dissector sk_lookup netfilter',
    'current_task_under_cgroup get_current_comm'
  ],
  [
    '7.3',
    'socket_filter sched_cls sched_act xdp cgroup_skb lwt_in lwt_out lwt_xmit sock_ops sk_skb ' +
      'lwt_seg6local sk_reuseport flow_dissector sk_lookup netfilter',
    'get_current_uid_gid'
  ],
  ['7.3', 'socket_filter sched_cls sched_act cgroup_skb', 'get_netns_cookie'],
  ['7.3', 'cgroup_sock', 'getsockopt setsockopt'],
  ['', 'kprobe', 'override_return'],
  ['', 'lirc_mode2', 'rc_repeat rc_keydown rc_pointer_rel']
];

const named = rows.map(([release, types, names]): AllowedRow => [release, types, names.replaceAll(/(^| )/g, '$1bpf_')]);

/** Helpers by their whole names. */
export const helperPrograms = new AllowedPrograms(named);
