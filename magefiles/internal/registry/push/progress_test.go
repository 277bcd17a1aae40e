package push

import (
	"errors"
	"math/rand/v2"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// TestMeterAddsUpInEveryOrder sends, breaks off, begins again and finds blobs in random orders. Before the end Sent and Present are
// at most Total, at the end together Total; what was sent is that of the images.
func TestMeterAddsUpInEveryOrder(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		last := Progress{}
		m := newMeter(func(p Progress) { last = p })
		owners := []*target{{}, {}}
		var items []*contentItem
		for range 1 + r.IntN(6) {
			items = append(items, &contentItem{desc: ocispec.Descriptor{Size: r.Int64N(1000)}, owner: owners[r.IntN(2)]})
		}
		m.addExpected(items)
		var sent, total int64
		for _, i := range r.Perm(len(items)) {
			item := items[i]
			total += item.desc.Size
			for range r.IntN(3) {
				m.progressOf(item)(r.Int64N(item.desc.Size + 1))
				m.settleItem(item, false, errors.New("broken off"))
				check(t, seed, last)
			}
			uploaded := r.IntN(2) == 0
			if uploaded {
				m.progressOf(item)(item.desc.Size / 2)
				sent += item.desc.Size
			}
			m.settleItem(item, uploaded, nil)
			check(t, seed, last)
		}
		if last.Total != total || last.Sent != sent || last.Sent+last.Present != total || m.uploadedFor(owners[0])+m.uploadedFor(owners[1]) != sent {
			t.Fatalf("seed %d ends at %+v; %d of %d bytes were sent", seed, last, sent, total)
		}
		m.restart()
		for _, item := range items { // what was sent before is there now, and stays counted as sent
			m.settleItem(item, false, nil)
		}
		if last.Sent != sent || last.Sent+last.Present != total {
			t.Fatalf("seed %d, once more: %+v", seed, last)
		}
	}
}

func check(t *testing.T, seed uint64, p Progress) {
	t.Helper()
	if p.Sent < 0 || p.Sent+p.Present > p.Total {
		t.Fatalf("seed %d: %+v", seed, p)
	}
}
