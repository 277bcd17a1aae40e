package console

import (
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// imageLines shows by how much each has grown within the table, or below it where that keeps the table from being cut into
// blocks.
func (v closingView) imageLines(images []report.Image) []string {
	whole := imageTable(images)
	bare := slices.Clone(images)
	var growths []string
	for i := range bare {
		if growth := bare[i].Growth(); growth != "" {
			growths = append(growths, escape.Line(string(bare[i].Component))+" "+growth)
		}
		bare[i].PreviousSize = 0
	}
	narrow := imageTable(bare)
	_, most := whole.columnWidths()
	_, least := narrow.columnWidths()
	if most <= v.width || least > v.width || len(growths) == 0 {
		return whole.tableLines(v.style, v.width)
	}
	lines := narrow.tableLines(v.style, v.width)
	for _, line := range wrapItems(growths, v.width-6) {
		lines = append(lines, v.style.dim("size  "+line))
	}
	return lines
}

func imageTable(images []report.Image) table {
	t := table{
		head:  []string{"component", "tag", "digest", "size", "cached", "state"},
		right: []bool{false, false, false, true, true},
	}
	for _, i := range images {
		row := []string{string(i.Component), i.Tag(), imageref.ShortDigest(i.Digest), i.SizeText(), i.StepsText(), i.StateText()}
		for n := range row {
			row[n] = escape.Line(row[n])
		}
		t.rows = append(t.rows, row)
	}
	return t
}
