package github

import (
	"context"
	"errors"
	"fmt"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
)

// RunState is the state of a run.
type RunState string

// The stands of a run. Running is the first, each other one the last.
const (
	Running   RunState = "running"
	Deployed  RunState = "deployed"
	Proposed  RunState = "proposed" // a pull request waits
	Failed    RunState = "failed"
	Cancelled RunState = "cancelled"
)

// Progress is a run's status that GitHub shows beside a commit of the application repository.
type Progress struct {
	Repository  string      // owner/name of the application repository
	SHA         commitid.ID // its commit
	Environment string
	Context     string // tells this commit status from others of the commit
	State       RunState
	Text        string // for people, cut at 140 characters
	Run         string // address of the workflow run
	URL         string // address of what was deployed; empty where there is none
}

// Recorder shows runs beside their commits, as GitHub deployments and commit statuses. It is safe for concurrent use.
type Recorder struct{ application }

// NewRecorder returns a Recorder for the GitHub of o, whose Identity names the token: it needs deployments: write and statuses:
// write. Its errors are configuration errors (problem.Usage).
func NewRecorder(o Options) (*Recorder, error) {
	application, err := newApplication(o)
	if err != nil {
		return nil, err
	}
	return &Recorder{application}, nil
}

// Begin records a run and returns the id of its deployment, 0 where GitHub made none. The commit status is set also where the
// deployment is refused. An answer that is lost leaves a deployment behind that stays pending, which says nothing wrong.
// https://docs.github.com/en/rest/deployments/deployments#create-a-deployment
func (r *Recorder) Begin(ctx context.Context, p Progress) (id int64, err error) {
	ctx, cancel := r.withDeadline(ctx)
	defer cancel()
	owner, name := SplitRepository(p.Repository)
	client := r.clients.For(p.Repository)
	made, res, err := client.REST().Repositories.CreateDeployment(ctx, owner, name, &gogithub.DeploymentRequest{
		Ref: new(string(p.SHA)), Environment: &p.Environment, Description: new(shortenText(p.Text)),
		AutoMerge: new(false), RequiredContexts: &[]string{}, // the commit is deployed as it is, and the run's own status is pending
	})
	if err = client.Refusal(res, err); err == nil {
		id = made.GetID()
	}
	return id, errors.Join(r.describeFailure(err, p), r.setStatuses(ctx, id, p))
}

// Move shows the stand of a run whose Begin gave id.
func (r *Recorder) Move(ctx context.Context, id int64, p Progress) error {
	ctx, cancel := r.withDeadline(ctx)
	defer cancel()
	return r.setStatuses(ctx, id, p)
}

func (r *Recorder) setStatuses(ctx context.Context, id int64, p Progress) error {
	owner, name := SplitRepository(p.Repository)
	client := r.clients.For(p.Repository)
	deployment, commit := p.State.statusNames()
	request := &gogithub.DeploymentStatusRequest{
		State: &deployment, Description: new(shortenText(p.Text)), LogURL: addressOrNil(p.Run), EnvironmentURL: addressOrNil(p.URL),
	}
	var errs []error
	if id != 0 {
		_, res, err := client.REST().Repositories.CreateDeploymentStatus(ctx, owner, name, id, request)
		errs = append(errs, r.describeFailure(client.Refusal(res, err), p))
	}
	_, res, err := client.REST().Repositories.CreateStatus(ctx, owner, name, string(p.SHA), &gogithub.RepoStatus{
		State: &commit, Context: &p.Context, Description: new(shortenText(p.Text)), TargetURL: addressOrNil(p.Run),
	})
	return errors.Join(append(errs, r.describeFailure(client.Refusal(res, err), p))...)
}

func (r *Recorder) describeFailure(err error, p Progress) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("showing the run at %s of %s: %w", p.SHA.Short(), p.Repository, err)
}

// statusNames are the stand in the words of a deployment and of a commit status. A cancelled run has deployed nothing and failed
// at nothing.
func (s RunState) statusNames() (deployment, commit string) {
	switch s {
	case Deployed:
		return "success", "success"
	case Proposed:
		return "queued", "success"
	case Failed:
		return "failure", "failure"
	case Cancelled:
		return "inactive", "error"
	}
	return "in_progress", "pending"
}

// shortenText returns as much of a text as both descriptions hold.
func shortenText(text string) string {
	const limit = 140
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return text
}

func addressOrNil(url string) *string {
	if url == "" {
		return nil
	}
	return &url
}
