package argocd

import (
	"slices"
	"strings"
	"time"
)

// appState holds the fields that are read of Argo CD's Application (pkg/apis/application/v1alpha1 of argoproj/argo-cd).
type appState struct {
	Metadata struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
		Deleted   string `json:"deletionTimestamp"` // empty unless it is being deleted
	} `json:"metadata"`
	Spec struct {
		Source     *appSource  `json:"source"`
		Sources    []appSource `json:"sources"`
		Hydrator   *struct{}   `json:"sourceHydrator"`
		SyncPolicy struct {
			Automated *struct {
				Enabled *bool `json:"enabled"`
				Prune   bool  `json:"prune"`
			} `json:"automated"`
		} `json:"syncPolicy"`
	} `json:"spec"`
	Operation *struct{} `json:"operation"` // requested or running
	Status    struct {
		Sync struct {
			Status    string   `json:"status"`
			Revision  string   `json:"revision"`
			Revisions []string `json:"revisions"`
		} `json:"sync"`
		Health         healthState       `json:"health"`
		Resources      []managedResource `json:"resources"`
		Conditions     []appCondition    `json:"conditions"`
		ReconciledAt   time.Time         `json:"reconciledAt"`
		OperationState *operationState   `json:"operationState"`
		Summary        struct {
			Images []string `json:"images"`
		} `json:"summary"`
	} `json:"status"`
}

type appSource struct {
	RepoURL        string `json:"repoURL"`
	TargetRevision string `json:"targetRevision"`
}

type healthState struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

type appCondition struct {
	Type    string `json:"type"`
	Message string `json:"message"`
}

type managedResource struct {
	Kind      string       `json:"kind"`
	Namespace string       `json:"namespace"`
	Name      string       `json:"name"`
	Status    string       `json:"status"`
	Health    *healthState `json:"health"`
	Prune     bool         `json:"requiresPruning"`
}

type operationState struct {
	Operation struct {
		Sync sourceRevisions `json:"sync"`
	} `json:"operation"`
	Phase      string    `json:"phase"`
	Message    string    `json:"message"`
	FinishedAt time.Time `json:"finishedAt"`
	RetryCount int       `json:"retryCount"`
	SyncResult *struct {
		sourceRevisions
		Resources []struct {
			managedResource
			Message   string   `json:"message"`
			Images    []string `json:"images"`
			HookPhase string   `json:"hookPhase"`
			HookType  string   `json:"hookType"`
		} `json:"resources"`
	} `json:"syncResult"`
}

// sourceRevisions are one, or one for each of several sources: a commit, or else the version of a chart or a branch that could not be
// rendered, so that they are texts.
type sourceRevisions struct {
	Revision  string   `json:"revision"`
	Revisions []string `json:"revisions"`
}

// ofSource returns the revision of the i-th source. Where an application has several, Revision is empty.
func (r sourceRevisions) ofSource(i int) string {
	if i < len(r.Revisions) {
		return r.Revisions[i]
	}
	return r.Revision
}

func (a *appState) allSources() []appSource {
	if len(a.Spec.Sources) > 0 {
		return a.Spec.Sources
	}
	if a.Spec.Source != nil {
		return []appSource{*a.Spec.Source}
	}
	return nil
}

// comparedRevisions returns the revisions that the sync status was computed for.
func (a *appState) comparedRevisions() sourceRevisions {
	return sourceRevisions{a.Status.Sync.Revision, a.Status.Sync.Revisions}
}

// syncedRevisions returns the revisions of the running operation, or else of the last one.
func (s *operationState) syncedRevisions() sourceRevisions {
	if s.SyncResult != nil {
		return s.SyncResult.sourceRevisions
	}
	return s.Operation.Sync // it ended before it had a result
}

func (a *appState) conditionMessage(kind string) (string, bool) {
	i := slices.IndexFunc(a.Status.Conditions, func(c appCondition) bool { return c.Type == kind })
	if i < 0 {
		return "", false
	}
	return oneLine(a.Status.Conditions[i].Message), true
}

// hasOperation reports whether an operation is requested or under way.
func (a *appState) hasOperation() bool {
	state := a.Status.OperationState
	return a.Operation != nil || state != nil && (state.Phase == "Running" || state.Phase == "Terminating")
}

// isStale reports whether the status was computed before the last operation ended. Equal times, which have whole seconds only,
// tell nothing.
func (a *appState) isStale() bool {
	state := a.Status.OperationState
	return state != nil && a.Status.ReconciledAt.Before(state.FinishedAt)
}

// hasAutoSync reports whether the application syncs by itself.
func (a *appState) hasAutoSync() bool {
	automated := a.Spec.SyncPolicy.Automated
	return automated != nil && (automated.Enabled == nil || *automated.Enabled)
}

// firstWithHealth describes the first resource of that health, empty where none has it.
func (a *appState) firstWithHealth(status string) string {
	for _, r := range a.Status.Resources {
		if r.Health != nil && r.Health.Status == status {
			return r.displayName() + withReason(r.Health.Message)
		}
	}
	return ""
}

func (r managedResource) displayName() string {
	if r.Namespace == "" {
		return r.Kind + " " + r.Name
	}
	return r.Kind + " " + r.Namespace + "/" + r.Name
}

func withReason(message string) string {
	if message == "" {
		return ""
	}
	return ": " + oneLine(message)
}

// longestMessage is the length at which foreign messages are cut, in bytes: rendered manifests may be quoted in it.
const longestMessage = 600

func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > longestMessage {
		s = strings.ToValidUTF8(s[:longestMessage], "") + "…"
	}
	return s
}

// qualifiedName is the application's name as Argo CD's own client takes it: with its namespace, where that is not Argo CD's own.
func (a *appState) qualifiedName() string {
	if a.Metadata.Namespace == "" || a.Metadata.Namespace == "argocd" {
		return a.Metadata.Name
	}
	return a.Metadata.Namespace + "/" + a.Metadata.Name
}

// onlyPrunes reports whether everything that is out of sync is to be removed, which Argo CD does not do by itself.
func (a *appState) onlyPrunes() bool {
	if automated := a.Spec.SyncPolicy.Automated; automated == nil || automated.Prune {
		return false
	}
	found := false
	for _, r := range a.Status.Resources {
		if r.Status != "OutOfSync" {
			continue
		}
		if found = r.Prune; !found {
			return false
		}
	}
	return found
}
