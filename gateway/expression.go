package gateway

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// Expression is what makes the value of a computed point out of others of its device, ready to be evaluated. It is used by
// one goroutine at a time.
//
// Each part of it is evaluated at most once: there are no loops, no lists and no calls but a few functions of numbers, so
// its cost is bounded by its length.
type Expression struct {
	program *vm.Program
	inputs  []string
}

const (
	longestExpression = 500
	mostNodes         = 100
)

// functions are all that an expression may call.
var functions = []string{"abs", "ceil", "floor", "round", "min", "max", "int", "float"}

// operators are all that an expression may join values with.
var operators = []string{"+", "-", "*", "/", "%", "**", "==", "!=", "<", ">", "<=", ">=", "and", "&&", "or", "||"}

// NewExpression compiles the expression of a computed point. The error is Invalid.
func NewExpression(p Point, points []Point) (*Expression, error) {
	if len(p.Expression) > longestExpression {
		return nil, Errorf(Invalid, "an expression has at most %d characters", longestExpression)
	}
	sample := map[string]any{}
	for _, input := range points {
		if input.Expression == "" && input.Count < 2 {
			sample[input.ID] = input.sample()
		}
	}
	e := &Expression{}
	checked := &expressionCheck{expression: e, known: sample}
	options := []expr.Option{expr.Env(sample), expr.DisableAllBuiltins(), expr.MaxNodes(mostNodes), expr.Patch(checked), p.resultOption()}
	for _, name := range functions {
		options = append(options, expr.EnableBuiltin(name))
	}
	program, err := expr.Compile(p.Expression, options...)
	if checked.err != nil {
		return nil, checked.err
	}
	if err != nil {
		return nil, Errorf(Invalid, "%s", firstLine(err))
	}
	if len(e.inputs) == 0 {
		return nil, Errorf(Invalid, "an expression needs at least one point of the same device; one whose name has a - is $env[\"its-name\"]")
	}
	e.program = program
	return e, nil
}

// firstLine leaves out the drawing of the place that comes with an error.
func firstLine(err error) string {
	if e, is := errors.AsType[*file.Error](err); is {
		return fmt.Sprintf("%s (at character %d)", e.Message, e.Column+1)
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// sample is a value of the kind that the point has in an expression.
func (p *Point) sample() any {
	switch {
	case p.Enum != "" || p.Type == String || p.Type == Time:
		return ""
	case p.Type == Bool:
		return false
	}
	return 0.0
}

func (p *Point) resultOption() expr.Option {
	switch p.sample().(type) {
	case bool:
		return expr.AsBool()
	case string:
		return expr.AsAny()
	}
	return expr.AsFloat64()
}

// Inputs are the points that the expression needs.
func (e *Expression) Inputs() []string { return e.inputs }

// Reading evaluates the expression over readings of its inputs, in their order. It is as good as the worst of them, and its
// time is the latest of theirs. Poll is theirs if they have the same.
func (e *Expression) Reading(key PointKey, inputs []Reading) Reading {
	result := Reading{Point: key, Quality: Good}
	if len(inputs) > 0 {
		result.Poll = inputs[0].Poll
	}
	values := make(map[string]any, len(inputs))
	for i, input := range inputs {
		if input.Time.After(result.Time) {
			result.Time = input.Time
		}
		if input.Poll != result.Poll {
			result.Poll = 0
		}
		if input.Quality == Bad || input.Quality == Uncertain && result.Quality == Good {
			result.Quality, result.Reason = input.Quality, input.Point.Point+": "+input.Reason
		}
		if input.Quality == Bad {
			return result
		}
		values[e.inputs[i]] = input.Value.plain()
	}
	output, err := vm.Run(e.program, values)
	if err != nil {
		result.Quality, result.Reason = Bad, "the expression cannot be evaluated: "+firstLine(err)
		return result
	}
	if result.Value = plainValue(output); result.Value.IsNull() {
		result.Quality, result.Reason = Bad, "the expression has no result: is something divided by 0?"
	}
	return result
}

// plain is the value as an expression has it: a float64, bool or string.
func (v Value) plain() any {
	switch v.kind {
	case kindText:
		return v.text
	case kindBool:
		return v.whole == 1
	case kindFloat, kindInt, kindUint, kindNull, kindList:
	}
	number, _ := v.Float()
	return number
}

func plainValue(output any) Value {
	switch o := output.(type) {
	case float64:
		return FloatValue(o)
	case int:
		return IntValue(int64(o))
	case bool:
		return BoolValue(o)
	case string:
		return TextValue(o)
	}
	return Value{}
}

// expressionCheck refuses what could cost more than its length, and finds the inputs.
type expressionCheck struct {
	expression *Expression
	known      map[string]any
	err        error
}

// Visit looks at one node; the library calls it for each.
func (c *expressionCheck) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.StringNode, *ast.ConstantNode, *ast.ConditionalNode, *ast.UnaryNode:
	case *ast.IdentifierNode:
		if n.Value != "$env" {
			c.input(n.Value)
		}
	case *ast.MemberNode:
		c.member(n)
	case *ast.BinaryNode:
		if !slices.Contains(operators, n.Operator) {
			c.refuse("%q cannot be used here", n.Operator)
		}
	case *ast.BuiltinNode:
		if !slices.Contains(functions, n.Name) {
			c.refuse("there is no function %s: use %s", n.Name, strings.Join(functions, ", "))
		}
	default:
		c.refuse("an expression has numbers, points, operators, conditions and the functions %s", strings.Join(functions, ", "))
	}
}

// member allows $env["name"] alone.
func (c *expressionCheck) member(n *ast.MemberNode) {
	of, isName := n.Node.(*ast.IdentifierNode)
	name, isText := n.Property.(*ast.StringNode)
	if !isName || of.Value != "$env" || !isText {
		c.refuse("only $env[\"name of a point\"] can have brackets")
		return
	}
	c.input(name.Value)
}

func (c *expressionCheck) input(name string) {
	if _, known := c.known[name]; !known {
		c.refuse("there is no point %q on this device that is read from it", name)
		return
	}
	if !slices.Contains(c.expression.inputs, name) {
		c.expression.inputs = append(c.expression.inputs, name)
	}
}

func (c *expressionCheck) refuse(format string, args ...any) {
	if c.err == nil {
		c.err = Errorf(Invalid, format, args...)
	}
}

// validateComputed checks a point with an expression; it has no place in the device.
func validateComputed(field string, p Point, points []Point) error {
	switch {
	case p.Address != "":
		return FieldErrorf(field+".address", "a point with an expression is computed: it has no address")
	case p.Type != Float64 && p.Type != Bool && p.Type != String:
		return FieldErrorf(field+".type", "a computed point is float64, bool or string, not %s", p.Type)
	case p.Decoding != Decoding{}:
		return FieldErrorf(field+".decoding", "a computed point is not decoded: decode the points that it is made of")
	case p.Writable:
		return FieldErrorf(field+".writable", "a computed point cannot be written")
	}
	if _, err := NewExpression(p, points); err != nil {
		return FieldErrorf(field+".expression", "%w", err)
	}
	return nil
}
