package argocd

import (
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// failed finds what ends the wait whatever the comparison says: a spec or manifests that are wrong, a sync of our commit
// that failed or is refused again and again.
func (s *situation) failed() bool {
	if message, ok := s.app.condition("InvalidSpecError"); ok {
		s.doubt("its spec is invalid: "+message, "spec", "correct the Application in ArgoCD, or `argocd.application` in astrago.yaml", true)
		return true
	}
	if message, ok := s.app.condition("ComparisonError"); ok && s.Sync == "Unknown" {
		s.doubt("its manifests cannot be rendered: "+message, "rendering",
			"correct the deployment repository: render it there as ArgoCD does (helm template, helmfile template)\nor take the change back: git revert the commit there",
			!passing(message))
		return true
	}
	state := s.app.Status.OperationState
	if state == nil || !s.applied {
		return false
	}
	at := state.synced().at(s.place.index)
	switch {
	case state.Phase == "Running" && state.RetryCount >= 2:
		s.waitForOperation()
		s.ending = refusedManifest(state, at)
		return true
	case s.app.running(), state.Phase != "Failed" && state.Phase != "Error":
		return false
	case s.Sync == "Synced" || at == s.Revision: // else a newer commit is about to be synced
		s.Text = "syncing " + short(at) + " failed" + because(state.Message)
		s.ending = &ending{kind: "failed", after: confirmed, err: problem.New(problem.Failed, remedyManifest,
			"the sync of %s ended with phase %s%s", short(at), state.Phase, because(culprit(state)))}
		return true
	}
	return false
}

const remedyManifest = "correct the manifest in the deployment repository, or take the change back: git revert the commit there"

// doubt ends the wait with a condition, if that was seen in a comparison made since the wait began and does not pass.
func (s *situation) doubt(text, kind, remedy string, lasting bool) {
	s.Text, s.refresh = text, true
	if s.refreshed && lasting {
		s.ending = &ending{kind: kind, after: confirmed, err: problem.New(problem.Failed, remedy, "%s", text)}
	}
}

// passing tells whether a comparison failed for a reason that has nothing to do with the manifests.
func passing(message string) bool {
	for _, sign := range []string{"code = Unavailable", "code = DeadlineExceeded", "code = Canceled", "deadline exceeded", "connection refused", "i/o timeout", "no such host"} {
		if strings.Contains(message, sign) {
			return true
		}
	}
	return false
}

// refusedManifest: ArgoCD tries five times over some minutes and syncs nothing else meanwhile. What the cluster refused
// twice it refuses again.
func refusedManifest(state *operationState, at string) *ending {
	return &ending{kind: "refused", after: atOnce, err: problem.New(problem.Failed,
		remedyManifest+"\nthe next commit waits until ArgoCD gives this one up, or until: argocd app terminate-op",
		"syncing %s fails and is being retried (attempt %d)%s", short(at), state.RetryCount, because(culprit(state)))}
}

// culprit is the first resource that could not be synced, or else what the operation says.
func culprit(state *operationState) string {
	if state.SyncResult != nil {
		for _, r := range state.SyncResult.Resources {
			if r.Status != "Synced" {
				return r.name() + because(r.Message)
			}
		}
	}
	return state.Message
}

func refusedSync(s *situation, message string) *ending {
	return &ending{kind: "sync", after: confirmed, err: problem.New(problem.Failed, remedyManifest,
		"ArgoCD does not sync %s: %s", short(s.Revision), message)}
}

func degraded(s *situation) *ending {
	return &ending{kind: "degraded", after: degradedGrace, err: problem.New(problem.Failed,
		"look at the resource's events and logs, then correct it, or go back: mage rollback takes the images back and holds the build, git revert takes back anything else",
		"%s is synced, and Degraded%s", short(s.Revision), because(s.app.worst("Degraded")))}
}

func manual(s *situation, page string) *ending {
	return &ending{kind: "manual", after: confirmed, err: problem.New(problem.Failed,
		"sync it: argocd app sync "+s.app.Metadata.Name+", or at "+page+"\nthen wait again",
		"it is OutOfSync at %s, and automated sync is off", short(s.Revision))}
}
