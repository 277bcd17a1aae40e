package yq

import (
	"strings"

	"github.com/mikefarah/yq/v4/pkg/yqlib"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"
)

// limits of the search for the path that was meant; it runs only on the way to an error message.
const (
	searchLimit = 20000 // scalars
	skipCost    = 0.7   // of a key too much or too few on the path, in mistyped keys
)

// Nearest is the existing string in wanted's document whose path is most like wanted's, or nil where none is near:
// half of the keys may differ. Moved keys (.core.tag to .components.core.tag) count, as do mistyped ones.
func Nearest(wanted *yqlib.CandidateNode) *yqlib.CandidateNode {
	path := Keys(wanted)
	var best *yqlib.CandidateNode
	limit, left := float64(len(path))/2, searchLimit
	var search func(n *yqlib.CandidateNode)
	search = func(n *yqlib.CandidateNode) {
		if n.Kind == yqlib.ScalarNode && n.Tag == source.StringTag && n.Line > 0 && left > 0 {
			left--
			if d := keyDistance(path, Keys(n)); d <= limit && (best == nil || d < limit) {
				best, limit = n, d
			}
		}
		first, step := 0, 1
		if n.Kind == yqlib.MappingNode {
			first, step = 1, 2
		}
		for i := first; i < len(n.Content); i += step {
			search(n.Content[i])
		}
	}
	search(rootOf(wanted))
	return best
}

func rootOf(n *yqlib.CandidateNode) *yqlib.CandidateNode {
	for n.Parent != nil {
		n = n.Parent
	}
	return n
}

// Keys is the path of n, from the root down.
func Keys(n *yqlib.CandidateNode) []string {
	if n.Parent == nil || n.Key == nil {
		return nil
	}
	return append(Keys(n.Parent), n.Key.Value)
}

// keyDistance is pathDistance, where a key with dots may also have been meant as a path: image.tag as .image.tag.
func keyDistance(wanted, path []string) float64 {
	split := strings.Split(strings.Join(path, "."), ".")
	if len(split) == len(path) {
		return pathDistance(wanted, path)
	}
	return min(pathDistance(wanted, path), pathDistance(wanted, split))
}

// pathDistance is the least cost of turning path a into b, where a key replaced by another costs what wordDistance says.
func pathDistance(a, b []string) float64 {
	row := make([]float64, len(b)+1)
	for j := range row {
		row[j] = float64(j) * skipCost
	}
	for i := range a {
		diagonal := row[0]
		row[0] += skipCost
		for j := range b {
			cost := min(row[j]+skipCost, row[j+1]+skipCost, diagonal+wordDistance(a[i], b[j]))
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

// wordDistance is the share of characters to edit to turn a into b (Levenshtein), whatever the case; 0 to 1.
func wordDistance(a, b string) float64 {
	if a == b {
		return 0
	}
	s, t := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := range s {
		diagonal := row[0]
		row[0]++
		for j := range t {
			cost := diagonal
			if s[i] != t[j] {
				cost++
			}
			diagonal, row[j+1] = row[j+1], min(row[j]+1, row[j+1]+1, cost)
		}
	}
	return float64(row[len(t)]) / float64(max(len(s), len(t), 1))
}
