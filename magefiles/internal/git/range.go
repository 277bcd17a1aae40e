package git

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
)

// Range holds the commits between two commits.
type Range struct {
	Comparison
	Head      commitid.ID // whole, where it is known
	Brings    History
	TakesBack History // what Base has and Head lacks
}

// History are commits, of which the oldest may not have been read.
type History struct {
	Count   int
	Commits []HistoryCommit // newest first
}

// HistoryCommit is a commit of a history, with its message as it is: its text is of others.
type HistoryCommit struct {
	SHA     commitid.ID
	Parents []commitid.ID
	Author  string
	Time    time.Time
	Message string
}

// ReadRange returns, from the repository at root alone, what lies between two commits, either of which may be abbreviated: of each
// side the newest commits, most of them at most. A shallow clone does not tell where a history ends: there, and where the clone lacks
// a commit, the relation is Unknown.
func ReadRange(ctx context.Context, root string, base, head commitid.ID, most int) (Range, error) {
	git := repository{dir: root}
	shallow, err := git.isShallow(ctx)
	if err != nil {
		return Range{Comparison: Comparison{Relation: Unknown, Base: Commit{SHA: base}, Reason: err.Error()}}, err
	}
	known, err := git.describe(ctx, head)
	r := Range{Head: head}
	if err == nil && known.SHA != "" {
		r.Head = known.SHA
	}
	if err == nil {
		r.Comparison, err = Compare(ctx, root, base, r.Head)
	}
	if err == nil && shallow && r.Relation != Identical && r.Missing == "" {
		r.Relation, r.Reason = Unknown, "this clone is shallow"
	}
	if err != nil || r.Relation == Unknown || r.Relation == Identical {
		return r, err
	}
	if r.Brings, err = git.history(ctx, r.Base.SHA, r.Head, most); err == nil {
		r.TakesBack, err = git.history(ctx, r.Head, r.Base.SHA, most)
	}
	return r, err
}

// Resolve returns the commit that a revision names, "" where the clone has none of this name.
func Resolve(ctx context.Context, root, revision string) (commitid.ID, error) {
	out, err := repository{dir: root}.output(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
	if _, refused := errors.AsType[*gitError](err); refused {
		return "", nil
	}
	id, _ := commitid.Parse(out) // git also takes ^revision, which names what a commit does not reach
	return id, err
}

// history reads the newest commits that head has and without lacks.
func (r repository) history(ctx context.Context, without, head commitid.ID, most int) (History, error) {
	span := string(without + ".." + head)
	out, err := r.output(ctx, "rev-list", "--count", "--end-of-options", span, "--")
	if err != nil {
		return History{}, fmt.Errorf("counting commits: %w", err)
	}
	var h History
	if h.Count, err = strconv.Atoi(out); err != nil || h.Count == 0 {
		return h, err
	}
	text, err := r.boundedOutput(ctx, "log", "-z", "--no-show-signature", "--no-color", "--no-decorate", "--encoding=UTF-8", "--topo-order",
		"--max-count="+strconv.Itoa(most), "--format=%H%x00%P%x00%an%x00%ct%x00%B", "--end-of-options", span, "--")
	h.Commits = parseHistory(text)
	return h, err
}

// historyFields are those of the format above.
const historyFields = 5

// parseHistory leaves out a commit that is cut off.
func parseHistory(text []byte) []HistoryCommit {
	fields := strings.Split(string(text), "\x00")
	var all []HistoryCommit
	for len(fields) > historyFields {
		seconds, timeErr := strconv.ParseInt(fields[3], 10, 64)
		id, idErr := commitid.Parse(fields[0])
		parents, parentsErr := parseIDs(fields[1])
		if errors.Join(timeErr, idErr, parentsErr) != nil {
			break
		}
		all = append(all, HistoryCommit{
			SHA: id, Parents: parents, Author: fields[2], Time: time.Unix(seconds, 0).UTC(), Message: fields[4],
		})
		fields = fields[historyFields:]
	}
	return all
}
