package argocd

// Application is an application as Argo CD 3.5 answers it, in the fields that a client may decide on.
type Application struct {
	Metadata  Metadata   `json:"metadata"`
	Spec      Spec       `json:"spec"`
	Status    Status     `json:"status"`
	Operation *Operation `json:"operation,omitempty"` // what is to be done or is being done
}

// Metadata names the application.
type Metadata struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`

	DeletionTimestamp string `json:"deletionTimestamp,omitempty"` // where it is being deleted
}

// Spec is the application's specification, with one source or several.
type Spec struct {
	Source      *Source     `json:"source,omitempty"`
	Destination Destination `json:"destination"`
	Project     string      `json:"project"`
	SyncPolicy  SyncPolicy  `json:"syncPolicy"`
	Sources     []Source    `json:"sources,omitempty"`
}

// Source is a path of a repository. It is empty, and not absent, where an application has several.
type Source struct {
	RepoURL        string `json:"repoURL"`
	Path           string `json:"path,omitempty"`
	TargetRevision string `json:"targetRevision,omitempty"`
}

// Destination is the application's cluster and namespace.
type Destination struct {
	Server    string `json:"server"`
	Namespace string `json:"namespace"`
}

// SyncPolicy is manual without Automated.
type SyncPolicy struct {
	Automated   *Automated `json:"automated,omitempty"`
	SyncOptions []string   `json:"syncOptions,omitempty"`
}

// Automated syncs by itself.
type Automated struct {
	Prune    bool  `json:"prune,omitempty"`
	SelfHeal bool  `json:"selfHeal,omitempty"`
	Enabled  *bool `json:"enabled,omitempty"`
}

// Status is the status that the controller last wrote.
type Status struct {
	Resources      []Resource      `json:"resources,omitempty"`
	Sync           Sync            `json:"sync"`
	Health         Health          `json:"health"`
	Conditions     []Condition     `json:"conditions,omitempty"`
	ReconciledAt   string          `json:"reconciledAt,omitempty"` // in whole seconds
	OperationState *OperationState `json:"operationState,omitempty"`
	Summary        Summary         `json:"summary"`
}

// Resource is a resource that the application manages.
type Resource struct {
	Group     string  `json:"group,omitempty"`
	Version   string  `json:"version"`
	Kind      string  `json:"kind"`
	Namespace string  `json:"namespace"`
	Name      string  `json:"name"`
	Status    string  `json:"status"`
	Health    *Health `json:"health,omitempty"`
	Pruning   bool    `json:"requiresPruning,omitempty"`
}

// Sync tells how what runs stands to what the repository says.
type Sync struct {
	Status     string     `json:"status"`
	ComparedTo ComparedTo `json:"comparedTo"`
	Revision   string     `json:"revision,omitempty"`
	Revisions  []string   `json:"revisions,omitempty"` // by the order of the spec's sources
}

// ComparedTo is the spec that the comparison was made with.
type ComparedTo struct {
	Source      Source      `json:"source"`
	Destination Destination `json:"destination"`
	Sources     []Source    `json:"sources,omitempty"`
}

// Health is that of a resource, or the worst of all of them.
type Health struct {
	Status             string `json:"status,omitempty"`
	Message            string `json:"message,omitempty"`
	LastTransitionTime string `json:"lastTransitionTime,omitempty"`
}

// Condition is something that the controller complains about.
type Condition struct {
	Type               string `json:"type"`
	Message            string `json:"message"`
	LastTransitionTime string `json:"lastTransitionTime,omitempty"`
}

// Summary lists the images of what runs.
type Summary struct {
	Images []string `json:"images,omitempty"`
}

// OperationState is the operation that runs or ran last. It vanishes when another one is requested.
type OperationState struct {
	Operation  Operation   `json:"operation"`
	Phase      string      `json:"phase"`
	Message    string      `json:"message,omitempty"`
	SyncResult *SyncResult `json:"syncResult,omitempty"`
	StartedAt  string      `json:"startedAt"`
	FinishedAt string      `json:"finishedAt,omitempty"`
	RetryCount int         `json:"retryCount,omitempty"`
}

// Operation is a requested sync.
type Operation struct {
	Sync        *SyncRequest `json:"sync,omitempty"`
	InitiatedBy InitiatedBy  `json:"initiatedBy"`
	Retry       Retry        `json:"retry"`
}

// SyncRequest names the revision to sync to.
type SyncRequest struct {
	Revision    string           `json:"revision,omitempty"`
	Prune       bool             `json:"prune,omitempty"`
	Resources   []SyncedResource `json:"resources,omitempty"` // of a self-heal
	Source      *Source          `json:"source,omitempty"`
	SyncOptions []string         `json:"syncOptions,omitempty"`
	Sources     []Source         `json:"sources,omitempty"`
	Revisions   []string         `json:"revisions,omitempty"`
	Attempts    int              `json:"autoHealAttemptsCount,omitempty"`
}

// SyncedResource names one.
type SyncedResource struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// InitiatedBy reports whether the controller or a person asked.
type InitiatedBy struct {
	Automated bool `json:"automated,omitempty"`
}

// Retry is the limit of a failed sync's retries.
type Retry struct {
	Limit int `json:"limit,omitempty"`
}

// SyncResult is the result of an operation.
type SyncResult struct {
	Resources []ResourceResult `json:"resources,omitempty"`
	Revision  string           `json:"revision"`
	Source    Source           `json:"source"`
	Sources   []Source         `json:"sources,omitempty"`
	Revisions []string         `json:"revisions,omitempty"`
}

// ResourceResult is the result of an operation for one resource.
type ResourceResult struct {
	Group     string   `json:"group"`
	Version   string   `json:"version"`
	Kind      string   `json:"kind"`
	Namespace string   `json:"namespace"`
	Name      string   `json:"name"`
	Status    string   `json:"status"`
	Message   string   `json:"message"`
	HookType  string   `json:"hookType,omitempty"`
	HookPhase string   `json:"hookPhase,omitempty"`
	SyncPhase string   `json:"syncPhase,omitempty"`
	Images    []string `json:"images,omitempty"`
}

// Window is a time in which syncs are allowed or denied, as the list of an application's sync windows has it.
type Window struct {
	Kind       string `json:"kind"`
	Schedule   string `json:"schedule"`
	Duration   string `json:"duration"`
	ManualSync bool   `json:"manualSync,omitempty"`
}
