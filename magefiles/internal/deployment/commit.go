package deployment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

const commitMutation = `mutation Commit($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) {
    commit { oid url committedDate author { name } }
  }
}`

type commitAnswer struct {
	CreateCommitOnBranch *struct {
		Commit *struct {
			OID           string    `json:"oid"`
			URL           string    `json:"url"`
			CommittedDate time.Time `json:"committedDate"`
			Author        struct{ Name string }
		} `json:"commit"`
	} `json:"createCommitOnBranch"`
}

func (g *graphql) commit(ctx context.Context, draft *Draft, m message) (Commit, error) {
	var answer commitAnswer
	err := g.mutate(ctx, commitMutation, map[string]any{"input": commitInput(draft, m)}, &answer)
	if payload := answer.CreateCommitOnBranch; payload != nil && payload.Commit != nil && payload.Commit.OID != "" {
		made := payload.Commit // an error beside it concerns a field of the answer, the commit stands
		return Commit{SHA: made.OID, URL: made.URL, Time: made.CommittedDate, Author: made.Author.Name, Message: m.headline + "\n\n" + m.body}, nil
	}
	s := draft.Snapshot
	switch {
	case err == nil:
		return Commit{}, fmt.Errorf("%w: it names no commit", errUncertain)
	case isStale(err):
		return Commit{}, errStale
	case isUncertain(err):
		return Commit{}, fmt.Errorf("%w: %w", errUncertain, err)
	}
	return Commit{}, diagnose(err, plan.Deployment{Repository: s.Repository, Branch: s.Branch}, "committing to")
}

// commitInput is a CreateCommitOnBranchInput. It has no empty lists: a null one makes GitHub fail inside. Contents become
// base64, as []byte does in JSON.
func commitInput(draft *Draft, m message) map[string]any {
	type addition struct {
		Path     string `json:"path"`
		Contents []byte `json:"contents"`
	}
	changes := map[string]any{}
	var additions []addition
	var deletions []map[string]string
	for _, f := range draft.Files {
		if f.Delete {
			deletions = append(deletions, map[string]string{"path": f.Path})
			changes["deletions"] = deletions
			continue
		}
		additions = append(additions, addition{Path: f.Path, Contents: f.Bytes})
		changes["additions"] = additions
	}
	s := draft.Snapshot
	return map[string]any{
		"branch":          map[string]string{"repositoryNameWithOwner": s.Repository, "branchName": s.Branch},
		"expectedHeadOid": s.Head,
		"message":         map[string]string{"headline": m.headline, "body": m.body},
		"fileChanges":     changes,
	}
}

// isStale knows a lost compare-and-swap by its type, and by the texts of today's and of older servers.
func isStale(err error) bool {
	list, ok := errors.AsType[graphqlErrors](err)
	if !ok {
		return false
	}
	text := list.Error()
	return list.has("STALE_DATA") || strings.Contains(text, "Expected branch to point to") || saysMoved(text)
}

// saysMoved knows the text of a reference's update that was overtaken, which any interface may quote.
func saysMoved(text string) bool {
	return strings.Contains(text, "is at ") && strings.Contains(text, "but expected ")
}

// isUncertain reports whether the commit may have been made in spite of the error: the answer never came or could not be
// read, a gateway answered, or GitHub failed inside.
func isUncertain(err error) bool {
	if status, ok := errors.AsType[*statusError](err); ok {
		return isTransient(status.status)
	}
	if list, ok := errors.AsType[graphqlErrors](err); ok {
		return isInternal(list)
	}
	return true
}

// failedInside is isInternal for an undecoded answer.
func failedInside(body []byte) bool {
	if !bytes.Contains(body, []byte("Something went wrong")) { // decoding every file read would be dear
		return false
	}
	var answer struct{ Errors graphqlErrors }
	return json.Unmarshal(body, &answer) == nil && isInternal(answer.Errors)
}

// isInternal knows GitHub's answer to a timeout or a fault of its own, which has no type.
func isInternal(list graphqlErrors) bool {
	for _, e := range list {
		if strings.HasPrefix(e.Message, "Something went wrong") {
			return true
		}
	}
	return false
}
