package argocd

import (
	"slices"
	"strings"
	"time"
)

// application is what is read of ArgoCD's Application (pkg/apis/application/v1alpha1 of argoproj/argo-cd).
type application struct {
	Metadata struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
		Deleted   string `json:"deletionTimestamp"` // empty unless it is being deleted
	} `json:"metadata"`
	Spec struct {
		Source     *origin   `json:"source"`
		Sources    []origin  `json:"sources"`
		Hydrator   *struct{} `json:"sourceHydrator"`
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
		Health         health          `json:"health"`
		Resources      []resource      `json:"resources"`
		Conditions     []condition     `json:"conditions"`
		ReconciledAt   time.Time       `json:"reconciledAt"`
		OperationState *operationState `json:"operationState"`
		Summary        struct {
			Images []string `json:"images"`
		} `json:"summary"`
	} `json:"status"`
}

type origin struct {
	RepoURL        string `json:"repoURL"`
	TargetRevision string `json:"targetRevision"`
}

type health struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

type condition struct {
	Type    string `json:"type"`
	Message string `json:"message"`
}

type resource struct {
	Kind      string  `json:"kind"`
	Namespace string  `json:"namespace"`
	Name      string  `json:"name"`
	Status    string  `json:"status"`
	Health    *health `json:"health"`
	Prune     bool    `json:"requiresPruning"`
}

type operationState struct {
	Operation struct {
		Sync revisions `json:"sync"`
	} `json:"operation"`
	Phase      string    `json:"phase"`
	Message    string    `json:"message"`
	FinishedAt time.Time `json:"finishedAt"`
	RetryCount int       `json:"retryCount"`
	SyncResult *struct {
		revisions
		Resources []struct {
			resource
			Message   string   `json:"message"`
			Images    []string `json:"images"`
			HookPhase string   `json:"hookPhase"`
			HookType  string   `json:"hookType"`
		} `json:"resources"`
	} `json:"syncResult"`
}

// revisions are one, or one for each of several sources.
type revisions struct {
	Revision  string   `json:"revision"`
	Revisions []string `json:"revisions"`
}

// at gives the revision of the i-th source. Where an application has several, Revision is empty.
func (r revisions) at(i int) string {
	if i < len(r.Revisions) {
		return r.Revisions[i]
	}
	return r.Revision
}

func (a *application) sources() []origin {
	if len(a.Spec.Sources) > 0 {
		return a.Spec.Sources
	}
	if a.Spec.Source != nil {
		return []origin{*a.Spec.Source}
	}
	return nil
}

// compared is what the sync status was computed for.
func (a *application) compared() revisions {
	return revisions{a.Status.Sync.Revision, a.Status.Sync.Revisions}
}

// synced is what the operation that runs or ran last was for.
func (s *operationState) synced() revisions {
	if s.SyncResult != nil {
		return s.SyncResult.revisions
	}
	return s.Operation.Sync // it ended before it had a result
}

func (a *application) condition(kind string) (string, bool) {
	i := slices.IndexFunc(a.Status.Conditions, func(c condition) bool { return c.Type == kind })
	if i < 0 {
		return "", false
	}
	return oneLine(a.Status.Conditions[i].Message), true
}

// running tells whether an operation is requested or under way.
func (a *application) running() bool {
	state := a.Status.OperationState
	return a.Operation != nil || state != nil && (state.Phase == "Running" || state.Phase == "Terminating")
}

// stale tells whether the status was computed before the last operation ended. Equal times, which have whole seconds only,
// tell nothing.
func (a *application) stale() bool {
	state := a.Status.OperationState
	return state != nil && a.Status.ReconciledAt.Before(state.FinishedAt)
}

// automated tells whether the application syncs by itself.
func (a *application) automated() bool {
	automated := a.Spec.SyncPolicy.Automated
	return automated != nil && (automated.Enabled == nil || *automated.Enabled)
}

// worst describes the first resource of that health, empty where none has it.
func (a *application) worst(status string) string {
	for _, r := range a.Status.Resources {
		if r.Health != nil && r.Health.Status == status {
			return r.name() + because(r.Health.Message)
		}
	}
	return ""
}

func (r resource) name() string {
	if r.Namespace == "" {
		return r.Kind + " " + r.Name
	}
	return r.Kind + " " + r.Namespace + "/" + r.Name
}

func because(message string) string {
	if message == "" {
		return ""
	}
	return ": " + oneLine(message)
}

// longestMessage is where what others wrote is cut, in bytes: rendered manifests may be quoted in it.
const longestMessage = 600

func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > longestMessage {
		s = strings.ToValidUTF8(s[:longestMessage], "") + "…"
	}
	return s
}

// qualified is the application's name as ArgoCD's own client takes it: with its namespace, where that is not ArgoCD's own.
func (a *application) qualified() string {
	if a.Metadata.Namespace == "" || a.Metadata.Namespace == "argocd" {
		return a.Metadata.Name
	}
	return a.Metadata.Namespace + "/" + a.Metadata.Name
}

// onlyPrunes reports whether everything that is out of sync is to be removed, which ArgoCD does not do by itself.
func (a *application) onlyPrunes() bool {
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
