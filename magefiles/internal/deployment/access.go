package deployment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// ProveWrite is a Problem when DEPLOY_TOKEN may not write what d asks for, and writes nothing: GitHub looks at a token's
// permission first and at the request after, so it is asked for what cannot be: a reference to an object that there is
// not, and a pull request of a branch to itself. A fine-grained token tells of its permissions in no other way.
func (c *Client) ProveWrite(ctx context.Context, d plan.Deployment) error {
	ctx, cancel := c.limit(ctx)
	defer cancel()
	repository := c.rest.endpoint.rest.JoinPath("repos", d.Repository)
	err := c.rest.probe(ctx, repository.JoinPath("git", "refs"), map[string]string{"ref": "refs/heads/astrago/doctor", "sha": noObject})
	if err == nil && d.PullRequest != nil {
		err = c.rest.probe(ctx, repository.JoinPath("pulls"), map[string]string{"title": "doctor", "head": d.Branch, "base": d.Branch})
	}
	if err != nil {
		return c.explain(ctx, d, diagnose(err, d, "checking the right to write to"))
	}
	return nil
}

// probe sends what GitHub must refuse, and is content when only the request was at fault.
func (r *rest) probe(ctx context.Context, address *url.URL, request map[string]string) error {
	payload, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("encoding a request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address.String(), bytes.NewReader(payload))
	if err != nil {
		return fmt.Errorf("preparing a request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	_, err = r.send(req)
	if status, ok := errors.AsType[*statusError](err); ok && !status.limited {
		switch status.status {
		case http.StatusUnprocessableEntity, http.StatusConflict, http.StatusBadRequest:
			return nil
		case http.StatusCreated:
			return fmt.Errorf("GitHub has taken what cannot be: %s", address.Path)
		}
	}
	return err
}

// rules are what GitHub tells everyone of a branch.
type rules struct {
	archived bool
	pushes   bool     // classic protection lets the token's owner push
	reviews  int      // approvals that classic protection wants before a change is on the branch
	blocking []string // rules of rulesets that refuse a direct commit, such as "pull_request of reviewed-only"
	unknown  []string // the same, of rulesets that do not tell who may bypass them
}

// CheckRules is a Problem when the branch surely refuses what d asks for. notice says what may refuse it: not every rule
// tells who may bypass it.
func (c *Client) CheckRules(ctx context.Context, d plan.Deployment) (notice string, err error) {
	ctx, cancel := c.limit(ctx)
	defer cancel()
	found, err := c.rules(ctx, d)
	if err != nil {
		return "", c.explain(ctx, d, diagnose(err, d, "reading the rules of"))
	}
	what := fmt.Sprintf("reading the rules of %s@%s", d.Repository, d.Branch)
	switch {
	case found.archived:
		return "", problem.New(problem.Refused, "unarchive it, or name another repository: deploy.repository in astrago.yaml",
			"%s: the repository is archived, so that nothing can be written", what)
	case d.PullRequest != nil:
		return "", nil
	case !found.pushes:
		return "", protected(errors.New("branch protection does not let the token's owner push"), d, what)
	case len(found.blocking) > 0:
		return "", protected(errors.New(strings.Join(found.blocking, ", ")), d, what)
	case len(found.unknown) > 0:
		return "rules may refuse a direct commit, and do not tell who may bypass them: " + strings.Join(found.unknown, ", "), nil
	case found.reviews > 0:
		return fmt.Sprintf("branch protection wants %d approvals; only who may bypass it commits directly", found.reviews), nil
	}
	return "", nil
}

func (c *Client) rules(ctx context.Context, d plan.Deployment) (rules, error) {
	found, err := c.graphql.protection(ctx, d)
	if err != nil {
		return found, err
	}
	err = c.rest.rulesets(ctx, d, &found)
	return found, err
}

// protection is the classic one.
func (g *graphql) protection(ctx context.Context, d plan.Deployment) (rules, error) {
	const document = `query Protection($owner: String!, $name: String!, $ref: String!) {
  repository(owner: $owner, name: $name) {
    isArchived
    ref(qualifiedName: $ref) { refUpdateRule { viewerCanPush requiredApprovingReviewCount } }
  }
}`
	owner, name := split(d.Repository)
	var answer struct {
		Repository struct {
			IsArchived bool `json:"isArchived"`
			Ref        *struct {
				RefUpdateRule *struct {
					ViewerCanPush                bool `json:"viewerCanPush"`
					RequiredApprovingReviewCount int  `json:"requiredApprovingReviewCount"`
				} `json:"refUpdateRule"`
			} `json:"ref"`
		} `json:"repository"`
	}
	err := g.query(ctx, document, map[string]any{"owner": owner, "name": name, "ref": "refs/heads/" + d.Branch}, &answer)
	found := rules{archived: answer.Repository.IsArchived, pushes: true}
	if ref := answer.Repository.Ref; ref != nil && ref.RefUpdateRule != nil {
		found.pushes, found.reviews = ref.RefUpdateRule.ViewerCanPush, ref.RefUpdateRule.RequiredApprovingReviewCount
	}
	return found, err
}
