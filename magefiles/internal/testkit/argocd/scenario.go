package argocd

import (
	"fmt"
	"time"
)

// Found is a comparison that found other manifests: OutOfSync at the new revisions, with a sync requested.
func Found(revisions ...string) Step {
	return func(a *Application) {
		a.compare("OutOfSync", revisions)
		a.request(revisions)
	}
}

// Same is a comparison that found the same manifests at new revisions: no operation, the last one's state stays.
func Same(revisions ...string) Step {
	return func(a *Application) { a.compare("Synced", revisions) }
}

// OutOfSync is a comparison that found other manifests where nothing syncs by itself, or an earlier operation still runs.
func OutOfSync(revisions ...string) Step {
	return func(a *Application) { a.compare("OutOfSync", revisions) }
}

// Started lets the requested operation run.
func Started() Step { return func(a *Application) { a.start() } }

// Succeeded ends the operation. What was compared before it, and its health, still stand.
func Succeeded(images ...string) Step {
	return func(a *Application) { a.finish("Succeeded", "successfully synced (all tasks run)", images...) }
}

// Healed is the second operation, of self-heal: the first one's state vanishes.
func Healed() Step {
	return func(a *Application) {
		a.request(a.At())
		a.Operation.Sync.Attempts = 1
	}
}

// Compared is the comparison after an operation: Synced, and in the same moment Progressing.
func Compared() Step {
	return func(a *Application) {
		a.compare("Synced", a.At())
		a.health("Progressing", "Waiting for rollout to finish: 1 out of 2 new replicas have been updated...")
	}
}

// Becomes sets what the resources' health is, and says why.
func Becomes(status, message string) Step {
	return func(a *Application) { a.health(status, message) }
}

// Live lets pods with these images run, and no others.
func Live(images ...string) Step {
	return func(a *Application) {
		a.Status.Summary.Images = images
		a.health("Healthy", "")
	}
}

// Rollout is a whole sync as it was seen: requested, running, succeeded while the comparison is still the old one, a
// second operation of self-heal, compared, progressing, healthy with the new images.
func Rollout(images []string, revisions ...string) []Step {
	return []Step{
		Found(revisions...), Started(), Succeeded(images...), Healed(), Started(), Compared(), Succeeded(images...), Live(images...),
	}
}

// Unrendered is a comparison whose manifests cannot be rendered: the revision is the branch's name, and the operation's
// state is still that of before.
func Unrendered(message string) Step {
	return func(a *Application) {
		branches := make([]string, 0, 1+len(a.Spec.Sources))
		if a.Spec.Source != nil {
			branches = append(branches, a.Spec.Source.TargetRevision)
		}
		for _, source := range a.Spec.Sources {
			branches = append(branches, source.TargetRevision)
		}
		a.compare("Unknown", branches)
		a.Status.Conditions = []Condition{{Type: "ComparisonError", Message: message, LastTransitionTime: now()}}
	}
}

// Complained adds a condition.
func Complained(condition, message string) Step {
	return func(a *Application) {
		a.Status.Conditions = append(a.Status.Conditions, Condition{Type: condition, Message: message, LastTransitionTime: now()})
	}
}

// Retried is an operation whose manifest the cluster has refused some times: it stays running.
func Retried(count int, reason string) Step {
	return func(a *Application) {
		state := a.Status.OperationState
		state.Message = fmt.Sprintf("one or more synchronization tasks completed unsuccessfully, reason: %s. Retrying attempt #%d at "+
			"12:58AM.", reason, count)
		state.RetryCount, state.FinishedAt = count, now()
		state.SyncResult = a.result(ResourceResult{Status: "SyncFailed", Message: reason, HookPhase: "Failed"})
	}
}

// Failed ends the operation for good; reason is the cluster's message about the resource.
func Failed(phase, reason string) Step {
	return func(a *Application) {
		a.finish(phase, "one or more synchronization tasks completed unsuccessfully, reason: "+reason)
		a.Status.OperationState.SyncResult.Resources[0].Status = "SyncFailed"
		a.Status.OperationState.SyncResult.Resources[0].Message = reason
	}
}

// Then is several steps in one.
func Then(steps ...Step) Step {
	return func(a *Application) {
		for _, step := range steps {
			step(a)
		}
	}
}

// Reconciled sets when the comparison was made: so many seconds after the last operation ended.
func Reconciled(seconds int) Step {
	return func(a *Application) {
		ended, err := time.Parse(time.RFC3339, a.Status.OperationState.FinishedAt)
		if err == nil {
			a.Status.ReconciledAt = ended.Add(time.Duration(seconds) * time.Second).Format(time.RFC3339)
		}
	}
}
