package page

import (
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
)

// matrix is components by environments. An environment of several deployments has a column for each.
type matrix struct {
	Columns []matrixColumn
	Rows    []matrixRow
}

type matrixColumn struct {
	Environment status.Environment
	Deployment  status.Deployment
	Several     bool // the environment has other columns
	First       bool // of the environment's: it says what is of the environment
}

type matrixRow struct {
	Component component.Name
	Cells     []matrixCell
}

type matrixCell struct {
	Column    matrixColumn
	Component status.Component
	None      bool // the deployment does not have it
}

func newMatrix(s status.Status) matrix {
	var m matrix
	var names []component.Name
	for _, e := range s.Environments {
		for i, d := range e.Deployments {
			m.Columns = append(m.Columns, matrixColumn{Environment: e, Deployment: d, Several: len(e.Deployments) > 1, First: i == 0})
			for _, c := range d.Components {
				names = component.Add(names, c.Name)
			}
		}
	}
	for _, name := range names {
		r := matrixRow{Component: name}
		for _, column := range m.Columns {
			i := slices.IndexFunc(column.Deployment.Components, func(c status.Component) bool { return c.Name == name })
			if i < 0 {
				r.Cells = append(r.Cells, matrixCell{Column: column, None: true})
				continue
			}
			r.Cells = append(r.Cells, matrixCell{Column: column, Component: column.Deployment.Components[i]})
		}
		m.Rows = append(m.Rows, r)
	}
	return m
}
