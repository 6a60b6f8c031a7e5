import type { Fate } from './setting.ts';

const meaningless = (because: string, names: string): [string, Fate][] =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => [name, { fate: 'meaningless', because }]);

const refused = (because: string, unless: readonly unknown[], names: string): [string, Fate][] =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => [name, { fate: 'refused', because, unless }]);

/** Refused rather than ignored: something outside would wait for what does not happen. */
const refusedSettings = [
  ...refused(
    'a promoted instance is always opened: a cluster that is to stay closed has `spec.readOnly`',
    [true],
    'ApplyMySQLPromotionAfterMasterFailover',
  ),
  ...refused(
    'the primary is not written to a key-value store: use the Service `<cluster>-mysql-master` or the event `primary-opened`',
    ['', 0, false],
    'ConsulAddress ZkAddress ConsulCrossDataCenterDistribution',
  ),
  ...refused(
    'intermediate primaries are recovered by the engine, and after-hooks of theirs are not run: take the event `instance-attached`',
    [],
    'PostIntermediateMasterFailoverProcesses',
  ),
  ...refused('the operation take-master does not exist here', [], 'PostTakeMasterProcesses'),
  ...refused('agents of Orchestrator are not served', [false], 'ServeAgentsHttp'),
];

const meaninglessSettings = [
  ...meaningless(
    'a promoted instance always leaves replication, once it is open',
    'MasterFailoverDetachReplicaMasterHost MasterFailoverDetachSlaveMasterHost',
  ),
  ...meaningless(
    'no replica is lost: the new primary has what all have that answer. What `errantPolicy` says happens to one that returns with more',
    'DetachLostReplicasAfterMasterFailover DetachLostSlavesAfterMasterFailover MasterFailoverLostInstancesDowntimeMinutes',
  ),
  ...meaningless(
    'a failure is detected once, by evidence that is pushed, and is not muted',
    'FailureDetectionPeriodBlockMinutes ReduceReplicationAnalysisCount ExpectFailureAnalysisConcensus',
  ),
  ...meaningless(
    'instances are the pods of a MysqlCluster, watched by a lasting connection each; nothing is discovered or forgotten',
    `InstancePollSeconds ReasonableInstanceCheckSeconds DiscoveryMaxConcurrency DiscoveryQueueCapacity
     DiscoveryQueueMaxStatisticsSize DiscoveryCollectionRetentionSeconds DiscoverySeeds DiscoverByShowSlaveHosts
     UnseenInstanceForgetHours SnapshotTopologiesIntervalHours SkipMaxScaleCheck BufferInstanceWrites InstanceWriteBufferSize
     InstanceFlushIntervalMilliseconds DeadInstancePollSecondsMultiplyFactor DeadInstancePollSecondsMax
     DeadInstanceDiscoveryMaxConcurrency DeadInstanceDiscoveryLogsEnabled DiscoveryIgnoreReplicaHostnameFilters
     DiscoveryIgnoreSlaveHostnameFilters DiscoveryIgnoreMasterHostnameFilters DiscoveryIgnoreHostnameFilters
     DiscoveryIgnoreReplicationUsernameFilters EnableDiscoveryFiltersLogs DefaultInstancePort`,
  ),
  ...meaningless(
    'an instance is known by its server_uuid and its pod, not by a host name that would have to be resolved',
    `HostnameResolveMethod MySQLHostnameResolveMethod SkipBinlogServerUnresolveCheck ExpiryHostnameResolvesMinutes
     RejectHostnameResolvePattern RemoveTextFromHostnameDisplay`,
  ),
  ...meaningless(
    'name, namespace, zone and region come from Kubernetes, promotion rules from `spec.replication.failover.instances`',
    `ClusterNameToAlias DetectClusterAliasQuery DetectClusterDomainQuery DetectInstanceAliasQuery DetectPromotionRuleQuery
     DetectDataCenterQuery DetectRegionQuery DetectPhysicalEnvironmentQuery DataCenterPattern RegionPattern
     PhysicalEnvironmentPattern SupportFuzzyPoolHostnames InstancePoolExpiryMinutes CandidateInstanceExpireMinutes`,
  ),
  ...meaningless(
    'replication is by GTID throughout',
    `AutoPseudoGTID PseudoGTIDPattern PseudoGTIDPatternIsFixedSubstring PseudoGTIDMonotonicHint DetectPseudoGTIDQuery
     BinlogEventsChunkSize SkipBinlogEventsContaining`,
  ),
  ...meaningless(
    'semi-synchronous replication is the default and kept in order at all times; `dataDurability` says what happens when too few acknowledge',
    `EnforceExactSemiSyncReplicas RecoverLockedSemiSyncMaster ReasonableLockedSemiSyncMasterSeconds
     DetectSemiSyncEnforcedQuery`,
  ),
  ...meaningless(
    'every instance but the primary is closed by super_read_only, and a primary that was closed by hand is opened again',
    'UseSuperReadOnly RecoverNonWriteableMaster',
  ),
  ...meaningless(
    'lag is measured by the heartbeats of the agents',
    'ReplicationLagQuery SlaveLagQuery ReasonableMaintenanceReplicationLagSeconds ProblemIgnoreHostnameFilters',
  ),
  ...meaningless(
    'all replicas follow the new primary at once, by auto-position, and all are of one version and without filters',
    `PostponeReplicaRecoveryOnLagMinutes PostponeSlaveRecoveryOnLagMinutes MaxConcurrentReplicaOperations
     InstanceBulkOperationsWaitTimeoutSeconds CoMasterRecoveryMustPromoteOtherCoMaster LowerReplicaVersionAllowed
     VerifyReplicationFilters`,
  ),
  ...meaningless(
    'the operator makes its own accounts in each cluster',
    `MySQLTopologyUser MySQLTopologyPassword MySQLTopologyCredentialsConfigFile MySQLTopologySSLPrivateKeyFile
     MySQLTopologySSLCertFile MySQLTopologySSLCAFile MySQLTopologySSLSkipVerify MySQLTopologyUseMutualTLS
     MySQLTopologyUseMixedTLS MySQLTopologyMaxAllowedPacket MySQLTopologyReadTimeoutSeconds TLSCacheTTLFactor
     MySQLConnectTimeoutSeconds MySQLDiscoveryReadTimeoutSeconds MySQLConnectionLifetimeSeconds ReplicationCredentialsQuery`,
  ),
  ...meaningless(
    'there is no database of its own: the record is in the status of each MysqlCluster',
    `BackendDB SQLite3DataFile MySQLOrchestratorHost MySQLOrchestratorPort MySQLOrchestratorDatabase MySQLOrchestratorUser
     MySQLOrchestratorPassword MySQLOrchestratorCredentialsConfigFile MySQLOrchestratorSSLPrivateKeyFile
     MySQLOrchestratorSSLCertFile MySQLOrchestratorSSLCAFile MySQLOrchestratorSSLSkipVerify MySQLOrchestratorUseMutualTLS
     MySQLOrchestratorMaxPoolConnections MySQLOrchestratorReadTimeoutSeconds MySQLOrchestratorRejectReadOnly
     MySQLOrchestratorMaxAllowedPacket SkipOrchestratorDatabaseUpdate PanicIfDifferentDatabaseDeploy`,
  ),
  ...meaningless(
    'the replicas of the engine share the clusters by Leases',
    'RaftEnabled RaftBind RaftAdvertise RaftDataDir DefaultRaftPort RaftNodes HTTPAdvertise',
  ),
  ...meaningless(
    'the chart says where the engine listens, and Kubernetes who may ask it',
    `ListenAddress ListenSocket URLPrefix StatusEndpoint StatusOUVerify WebMessage AuthenticationMethod HTTPAuthUser
     HTTPAuthPassword AuthUserHeader PowerAuthUsers PowerAuthGroups ReadOnly AccessTokenUseExpirySeconds
     AccessTokenExpiryMinutes OAuthClientId OAuthClientSecret OAuthScopes UseSSL UseMutualTLS SSLSkipVerify SSLPrivateKeyFile
     SSLCertFile SSLCAFile SSLValidOUs`,
  ),
  ...meaningless(
    'logs are JSON on standard output, at the level of `global.logLevel`; what was decided and by whom is told on the event stream',
    `Debug EnableSyslog PrependMessagesWithOrcIdentity CustomOrcIdentity AuditLogFile AuditToSyslog AuditToBackendDB
     AuditPurgeDays`,
  ),
  ...meaningless(
    'metrics are for Prometheus',
    'GraphiteAddr GraphitePath GraphiteConvertHostnameDotsToUnderscores GraphitePollSeconds',
  ),
  ...meaningless(
    'without the key-value store that it is about',
    'KVClusterMasterPrefix ConsulScheme ConsulAclToken ConsulKVStoreProvider ConsulMaxKVsPerTransaction',
  ),
  ...meaningless(
    'without the agents that it is about',
    `AgentsServerPort AgentsUseSSL AgentsUseMutualTLS AgentSSLSkipVerify AgentSSLPrivateKeyFile AgentSSLCertFile
     AgentSSLCAFile AgentSSLValidOUs AgentPollMinutes UnseenAgentForgetHours StaleSeedFailMinutes SeedAcceptableBytesDiff
     SeedWaitSecondsBeforeSend`,
  ),
  ...meaningless('commands run without a shell', 'ProcessesShellCommand'),
];

export const otherSettings: Readonly<Record<string, Fate>> = Object.fromEntries([
  ...refusedSettings,
  ...meaninglessSettings,
]);
