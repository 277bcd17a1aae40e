package repo

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// HistoryDepth is the number of a file's latest commits that are read for their trailers. Where two application repositories and their bots
// take turns, several commits of each remain in view.
const HistoryDepth = 30

// readQuery asks for everything that a bump decides on at one commit: one alias per file, because paths are arguments.
func readQuery(d plan.Deployment) (document string, variables map[string]any) {
	owner, name, _ := strings.Cut(d.Repository, "/")
	variables = map[string]any{"owner": owner, "name": name, "ref": "refs/heads/" + d.Branch}
	var parameters, fields strings.Builder
	for i, f := range d.Files {
		variables[fmt.Sprintf("path%d", i)] = f.Path
		fmt.Fprintf(&parameters, ", $path%d: String!", i)
		fmt.Fprintf(&fields, `
          file%[1]d: file(path: $path%[1]d) { type mode object { ... on Blob { oid text } } }
          history%[1]d: history(first: %[2]d, path: $path%[1]d) { nodes { oid url committedDate author { name } message } }`,
			i, HistoryDepth)
	}
	for i, path := range holdPathsOf(d) {
		name := holdEntry(i, path)
		variables[name] = path
		fmt.Fprintf(&parameters, ", $%s: String!", name)
		fmt.Fprintf(&fields, `
          %[1]s: file(path: $%[1]s) { type mode object { ... on Blob { oid text } } }`, name)
	}
	return fmt.Sprintf(`query ReadBranch($owner: String!, $name: String!, $ref: String!%s) {
  repository(owner: $owner, name: $name) {
    id
    nameWithOwner
    viewerPermission
    ref(qualifiedName: $ref) {
      target {
        oid
        ... on Commit {%s
        }
      }
    }
  }
}`, parameters.String(), fields.String()), variables
}

// The answer to readQuery. GitHub's GraphQL schema names the types: Repository, Ref, Commit, TreeEntry, Blob.
type (
	readAnswer struct {
		Repository *repositoryAnswer `json:"repository"`
	}
	repositoryAnswer struct {
		ID               string     `json:"id"`
		NameWithOwner    string     `json:"nameWithOwner"`
		ViewerPermission string     `json:"viewerPermission"`
		Ref              *refAnswer `json:"ref"`
	}
	refAnswer struct {
		Target targetAnswer `json:"target"`
	}
	// targetAnswer is undecoded, because its aliases depend on the number of files.
	targetAnswer map[string]json.RawMessage
	entryAnswer  struct {
		Type   string      `json:"type"`
		Mode   int         `json:"mode"`
		Object *blobAnswer `json:"object"`
	}
	blobAnswer struct {
		OID  string  `json:"oid"`
		Text *string `json:"text"`
	}
	historyAnswer struct {
		Nodes []nodeAnswer `json:"nodes"`
	}
	nodeAnswer struct {
		OID           commitid.ID `json:"oid"`
		URL           string      `json:"url"`
		CommittedDate time.Time   `json:"committedDate"`
		Author        struct {
			Name string `json:"name"`
		} `json:"author"`
		Message string `json:"message"`
	}
)

func (n nodeAnswer) commit() Commit {
	return Commit{SHA: n.OID, URL: n.URL, Time: n.CommittedDate, Author: n.Author.Name, Message: n.Message}
}

// decodeField decodes one field of the target. One that is absent gives the zero value: GraphQL leaves out what the target's
// type does not have.
func decodeField[T any](target targetAnswer, name string) (value T, err error) {
	raw, ok := target[name]
	if !ok {
		return value, nil
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		return value, fmt.Errorf("decoding %q of the branch's head: %w", name, err)
	}
	return value, nil
}
