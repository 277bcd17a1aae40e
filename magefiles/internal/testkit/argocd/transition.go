package argocd

import (
	"slices"
)

// New is an application that syncs by itself, Synced and Healthy at a revision.
func New(name string, sources []Source, revisions ...string) Application {
	a := Application{
		Metadata: Metadata{Name: name},
		Spec: Spec{
			Destination: Destination{Server: "https://kubernetes.default.svc", Namespace: name},
			Project:     "default",
			SyncPolicy:  SyncPolicy{Automated: &Automated{Prune: true, SelfHeal: true}, SyncOptions: []string{"CreateNamespace=true"}},
		},
	}
	if len(sources) == 1 {
		a.Spec.Source = &sources[0]
	} else {
		a.Spec.Sources = sources
	}
	a.Status.Resources = []Resource{a.deployment()}
	a.compare("Synced", revisions)
	a.health("Healthy", "")
	a.request(revisions)
	a.start()
	a.finish("Succeeded", "successfully synced (all tasks run)")
	return a
}

// deployment is the one resource of every application here.
func (a *Application) deployment() Resource {
	return Resource{
		Group: "apps", Version: "v1", Kind: "Deployment", Namespace: a.Spec.Destination.Namespace, Name: "web",
		Status: "Synced",
	}
}

// compare writes the result of a comparison.
func (a *Application) compare(status string, revisions []string) {
	s := &a.Status.Sync
	s.Status, s.Revision, s.Revisions = status, "", nil
	s.ComparedTo = ComparedTo{Destination: a.Spec.Destination, Sources: a.Spec.Sources}
	if a.Spec.Source != nil {
		s.ComparedTo.Source, s.Revision = *a.Spec.Source, revisions[0]
	} else {
		s.Revisions = revisions // Revision stays empty
	}
	a.Status.Conditions = nil
	a.Status.ReconciledAt = now()
	for i := range a.Status.Resources {
		a.Status.Resources[i].Status = status
	}
}

func (a *Application) health(status, message string) {
	a.Status.Health = Health{Status: status, LastTransitionTime: now()}
	for i := range a.Status.Resources {
		a.Status.Resources[i].Health = &Health{Status: status, Message: message}
	}
}

// request sets the operation. The state of the one before is gone from here until it starts.
func (a *Application) request(revisions []string) {
	sync := &SyncRequest{Prune: true, Source: a.Spec.Source, SyncOptions: a.Spec.SyncPolicy.SyncOptions, Sources: a.Spec.Sources}
	if a.Spec.Source != nil {
		sync.Revision = revisions[0]
	} else {
		sync.Revisions = revisions
	}
	a.Operation = &Operation{Sync: sync, InitiatedBy: InitiatedBy{Automated: true}, Retry: Retry{Limit: 5}}
	a.Status.OperationState = nil
}

func (a *Application) start() {
	a.Status.OperationState = &OperationState{Operation: *a.Operation, Phase: "Running", StartedAt: now()}
}

// finish ends the running operation, with what it did to the one resource.
func (a *Application) finish(phase, message string, images ...string) {
	state := a.Status.OperationState
	state.Phase, state.Message, state.FinishedAt = phase, message, now()
	state.SyncResult = a.result(ResourceResult{
		Status: "Synced", Message: "deployment.apps/web configured", HookPhase: "Running",
		Images: images,
	})
	a.Operation = nil
}

// result is that of the running operation, for the one resource.
func (a *Application) result(of ResourceResult) *SyncResult {
	d := a.deployment()
	of.Group, of.Version, of.Kind, of.Namespace, of.Name, of.SyncPhase = d.Group, d.Version, d.Kind, d.Namespace, d.Name, "Sync"
	requested := a.Status.OperationState.Operation.Sync
	result := &SyncResult{
		Resources: []ResourceResult{of}, Revision: requested.Revision, Sources: requested.Sources,
		Revisions: requested.Revisions,
	}
	if requested.Source != nil {
		result.Source = *requested.Source
	}
	return result
}

// At returns the revisions that the application was compared with last, by the order of its sources.
func (a *Application) At() []string {
	if a.Spec.Source != nil {
		return []string{a.Status.Sync.Revision}
	}
	return slices.Clone(a.Status.Sync.Revisions)
}
