package daemon

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"strings"

	"github.com/moby/buildkit/client"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Freed is the amount that pruning removed from a place.
type Freed struct {
	Where   string // a daemon's address, or a directory
	Records int    // of a daemon's cache
	Bytes   int64
}

// Prune removes what the daemon keeps for later builds and no running build uses; all includes what it would have to
// fetch again for every build, such as frontends.
func (c *Connection) Prune(ctx context.Context, all bool) (Freed, error) {
	freed, err := c.pruneOnce(ctx, all)
	if IsOutOfSpace(err) && c.reserve != "" && os.Remove(c.reserve) == nil {
		more, again := c.pruneOnce(ctx, all)
		freed.Records, freed.Bytes, err = freed.Records+more.Records, freed.Bytes+more.Bytes, again
		reserveSpace(c.reserve)
	}
	switch {
	case err == nil:
		return freed, nil
	case IsOutOfSpace(err):
		return freed, problem.New(problem.Failed, "remove something else from that disk first, then run the command again",
			"pruning the BuildKit daemon at %s: its disk is too full even to note what is removed: %s", c.Address, dialCause(err))
	}
	return freed, fmt.Errorf("pruning the BuildKit daemon at %s: %w", c.Address, err)
}

func (c *Connection) pruneOnce(ctx context.Context, all bool) (Freed, error) {
	freed := Freed{Where: c.Address}
	var options []client.PruneOption
	if all {
		options = append(options, client.PruneAll)
	}
	records, done := make(chan client.UsageInfo), make(chan struct{})
	go func() {
		defer close(done)
		for r := range records {
			freed.Records++
			freed.Bytes += r.Size
		}
	}()
	err := c.Client.Prune(ctx, records, options...)
	close(records)
	<-done
	return freed, err
}

// reserveBytes is the space that is reserved on the disk of astrago-ci's own daemon, for its databases to grow into while Prune makes room
// on a full one.
const reserveBytes = 8 << 20

// reserveSpace writes the reserve, in blocks that are really taken. It is done as well as it can be: without, only a full
// disk is harder to clean.
func reserveSpace(path string) {
	if info, err := os.Stat(path); err == nil && info.Size() == reserveBytes {
		return
	}
	block := make([]byte, reserveBytes)
	_, _ = rand.Read(block) // file systems keep no block for zeros
	if os.WriteFile(path, block, 0o600) != nil {
		_ = os.Remove(path)
	}
}

// IsOutOfSpace reports whether an error comes from a full disk, of the daemon or of this machine.
func IsOutOfSpace(err error) bool { return err != nil && IsFullDisk(err.Error()) }

// IsFullDisk recognises ENOSPC by its words, which arrive from everywhere; BuildKit's code for it stands for other limits, too.
func IsFullDisk(text string) bool {
	return strings.Contains(strings.ToLower(text), "no space left on device")
}
