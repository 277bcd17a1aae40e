package argocd

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// operationFailed reports whether something ends the wait regardless of the comparison: an invalid spec or invalid manifests, or a sync of
// the commit that failed or is refused repeatedly.
func (s *appSituation) operationFailed() bool {
	if message, ok := s.app.conditionMessage("InvalidSpecError"); ok {
		s.doubtFor(confirmedAfter, "its spec is invalid: "+message, "spec",
			"correct the Application in Argo CD, or `argocd.application` in astrago.yaml")
		return true
	}
	if message, ok := s.app.conditionMessage("ComparisonError"); ok && s.Sync == "Unknown" {
		s.comparisonFailed(message)
		return true
	}
	state := s.app.Status.OperationState
	if state == nil || !s.applied {
		return false
	}
	at := state.syncedRevisions().ofSource(s.place.index)
	switch {
	case state.Phase == "Running" && state.RetryCount >= 2:
		s.waitForOperation()
		s.ending = refusedManifest(s, state, at)
		return true
	case s.app.hasOperation(), state.Phase != "Failed" && state.Phase != "Error":
		return false
	case s.Sync == "Synced" || at == s.Revision: // else a newer commit is about to be synced
		s.Text = "syncing " + commitid.ShortRevision(at) + " failed" + withReason(state.Message)
		remedy := cmp.Or(hookRemedy(state), remedyManifest)
		s.ending = &finalState{kind: "failed", after: confirmedAfter, err: problem.New(problem.Failed, remedy,
			"the sync of %s ended with phase %s%s", commitid.ShortRevision(at), state.Phase, withReason(firstFailure(state)))}
		return true
	}
	return false
}

const remedyManifest = "correct the manifest in the deployment repository, or take the change back: git revert the commit there"

// comparisonFailed tells manifests that are wrong from a repository that cannot be read, now or at all.
func (s *appSituation) comparisonFailed(message string) {
	switch {
	case isAnySign(message, credentialSigns):
		s.doubtFor(degradedGrace, "Argo CD may not read the repository: "+message, "credentials",
			"correct the repository's credentials in Argo CD: argocd repo list, argocd repo add")
	case isAnySign(message, outageSigns):
		s.doubtFor(outageGrace, "Argo CD cannot read the repository: "+message, "outage",
			"check that git answers Argo CD's repo server; then wait again")
	default:
		s.doubtFor(confirmedAfter, "its manifests cannot be rendered: "+message, "rendering",
			"correct the deployment repository: render it there as Argo CD does (helm template, helmfile template)\nor take the change "+
				"back: git revert the commit there")
	}
}

// doubtFor ends the wait with a condition that a comparison made since the wait began has found for some time.
func (s *appSituation) doubtFor(after time.Duration, text, kind, remedy string) {
	s.Text, s.refresh = text, true
	if s.refreshed {
		s.ending = &finalState{kind: kind, after: after, err: problem.New(problem.Failed, remedy, "%s", text)}
	}
}

// What Argo CD quotes of git where the fault is not the manifests'.
var (
	credentialSigns = []string{
		"authentication required", "authorization failed", "repository not found", "Permission denied (publickey)",
		"could not read Username", "invalid username or password", "Invalid username or token", "Authentication failed",
	}
	outageSigns = []string{
		"code = Unavailable", "code = DeadlineExceeded", "code = Canceled", "deadline exceeded", "connection refused",
		"i/o timeout", "no such host", "failed to list refs", "connection reset", "unexpected EOF", "status code: 429", "status code: 5",
		"TLS handshake", "no route to host",
	}
)

func isAnySign(message string, signs []string) bool {
	return slices.ContainsFunc(signs, func(sign string) bool { return strings.Contains(message, sign) })
}

// refusedManifest: Argo CD tries five times over some minutes and syncs nothing else meanwhile. What the cluster refused
// twice it refuses again.
func refusedManifest(s *appSituation, state *operationState, at string) *finalState {
	return &finalState{kind: "refused", after: atOnce, err: problem.New(problem.Failed,
		cmp.Or(hookRemedy(state), remedyManifest)+"\nthe next commit waits until Argo CD gives this one up, or until: "+terminateCommand(s),
		"syncing %s fails and is being retried (attempt %d)%s",
		commitid.ShortRevision(at), state.RetryCount, withReason(firstFailure(state)))}
}

// blockedByRetry: Argo CD syncs nothing else while it tries another commit again.
func blockedByRetry(s *appSituation) *finalState {
	return &finalState{kind: "blocked", after: blockedGrace, err: problem.New(problem.Failed,
		"end that sync: "+terminateCommand(s)+"\nthen wait again", "%s", s.Text)}
}

// blockedByHook: a hook of another commit runs, which nothing tells from one that never ends but the time.
func blockedByHook(s *appSituation, hook string) *finalState {
	return &finalState{kind: "hung", after: hungGrace, err: problem.New(problem.Failed,
		"look at its log: "+hook+"\nif it hangs, end that sync: "+terminateCommand(s)+"\nthen wait again", "%s", s.Text)}
}

// runningHookLogs is the command for the log of a hook that runs, empty where none does.
func (state *operationState) runningHookLogs() string {
	if state.SyncResult == nil {
		return ""
	}
	for _, r := range state.SyncResult.Resources {
		if r.HookType != "" && r.HookPhase == "Running" {
			return r.logsCommand()
		}
	}
	return ""
}

// logsCommand is the command for what a hook says.
func (r managedResource) logsCommand() string {
	return "kubectl --namespace " + cmp.Or(r.Namespace, "default") + " logs " + strings.ToLower(r.Kind) + "/" + r.Name
}

func terminateCommand(s *appSituation) string {
	return "argocd app terminate-op " + s.app.qualifiedName()
}

// retrySuffix matches the controller's addition to a message, which holds the time of its own clock.
var retrySuffix = regexp.MustCompile(`\.? *Retrying attempt #\d+ at [^.]*\.?`)

// firstFailure is the first resource or hook that failed, or else what the operation says.
func firstFailure(state *operationState) string {
	if state.SyncResult != nil {
		for _, r := range state.SyncResult.Resources {
			if r.Status != "Synced" && r.Status != "Pruned" && r.Status != "PruneSkipped" || hookFailed(r.HookType, r.HookPhase) {
				return r.displayName() + withReason(retrySuffix.ReplaceAllString(r.Message, ""))
			}
		}
	}
	return retrySuffix.ReplaceAllString(state.Message, "")
}

// hookFailed reports whether a hook ran and failed: its manifest was applied, so its status says Synced.
func hookFailed(kind, phase string) bool {
	return kind != "" && (phase == "Failed" || phase == "Error")
}

// hookRemedy leads to the log of a hook that failed; empty where none did.
func hookRemedy(state *operationState) string {
	if state.SyncResult == nil {
		return ""
	}
	for _, r := range state.SyncResult.Resources {
		if hookFailed(r.HookType, r.HookPhase) {
			return "look at its log: " + r.logsCommand() + "\nthen correct what it runs, or go back: mage rollback"
		}
	}
	return ""
}

// pruneNeeded: without prune, Argo CD leaves what the commit removes, and stays OutOfSync.
func pruneNeeded(s *appSituation, _ Target, names []string) *finalState {
	return &finalState{kind: "unpruned", after: settledAfter, err: problem.New(problem.Failed,
		"remove it there: argocd app sync "+s.app.qualifiedName()+" --prune\nor let Argo CD prune: syncPolicy.automated.prune",
		"%s is live, but the application stays OutOfSync: pruning is off, and the commit removes %s",
		commitid.ShortRevision(s.Revision), strings.Join(names[:min(3, len(names))], ", "))}
}

// imagesNotRendered: other images of the same commit are live, so what is missing is in no manifest.
func imagesNotRendered(missing []imageref.Reference) *finalState {
	names := make([]string, len(missing))
	for i, image := range missing {
		names[i] = image.String()
	}
	return &finalState{kind: "unrendered", after: unrenderedGrace, err: problem.New(problem.Failed,
		"correct `set` in astrago.yaml, or let the chart render it; a component that is not deployed here does not belong into this "+
			"environment's `deploy`",
		"it is Synced and Healthy, and no manifest of it has the image %s, though it has others of the same commit",
		strings.Join(names, ", "))}
}

func refusedSync(s *appSituation, message string) *finalState {
	return &finalState{kind: "sync", after: confirmedAfter, err: problem.New(problem.Failed, remedyManifest,
		"Argo CD does not sync %s: %s", commitid.ShortRevision(s.Revision), message)}
}

func degradedHealth(s *appSituation, pod string) *finalState {
	why := s.app.firstWithHealth("Degraded")
	if pod != "" {
		why = strings.TrimPrefix(why+"; "+pod, "; ")
	}
	return &finalState{kind: "degraded", after: degradedGrace, err: problem.New(problem.Failed,
		"look at the resource's events and logs, then correct it, or go back: mage rollback takes the images back and holds the build, "+
			"git revert takes back anything else",
		"%s is synced, and Degraded%s", commitid.ShortRevision(s.Revision), withReason(why))}
}

func manualSyncNeeded(s *appSituation, page string) *finalState {
	return &finalState{kind: "manual", after: confirmedAfter, err: problem.New(problem.Failed,
		"sync it: argocd app sync "+s.app.qualifiedName()+", or at "+page+"\nthen wait again",
		"it is OutOfSync at %s, and automated sync is off", commitid.ShortRevision(s.Revision))}
}

// branchOverwritten returns the state of a branch that was set to a commit which does not contain the awaited one.
func branchOverwritten(s *appSituation) *finalState {
	return &finalState{kind: "overwritten", after: settledAfter, err: problem.New(problem.Failed,
		"find who force-pushed the branch, then deploy again: mage bump",
		"the branch %s of %s has another line of history now: Argo CD compared with %s, which does not contain %s",
		s.place.Branch, s.place.Repository, commitid.ShortRevision(s.Revision), s.place.SHA.Short())}
}
