import {
  type FieldNode,
  type GraphQLSchema,
  isAbstractType,
  type SelectionSetNode,
  type ValidatedSubscriptionArgs,
} from 'graphql';
import { encodeId } from '../graphql/ids.ts';
import type { TurnEvent } from '../ports/event-log.ts';

export type HotEvent = Extract<TurnEvent, { type: 'turn-delta' | 'turn-reasoning' }>;

/** A field of the answer: the key it goes under, and where its value comes from. */
type Projection = { key: string; field: 'turnId' | 'cursor' | 'text' | 'offset' | '__typename' }[];

export type DeltaSelection = {
  /** The key of the subscription's field in the data. */
  rootKey: string;
  delta: Projection;
  reasoning: Projection;
};

const TYPE_NAMES = { 'turn-delta': 'TurnDelta', 'turn-reasoning': 'TurnReasoning' } as const;

/** Subscription fields whose events are a turn's. */
const TURN_FIELDS = ['chat', 'turn'];
const FIELDS: Record<string, Projection[number]['field']> = {
  __typename: '__typename',
  turnId: 'turnId',
  cursor: 'cursor',
  text: 'text',
  offset: 'offset',
};

/**
 * Works out, once for a subscription, what each of its many text events is answered with. The executor would find the
 * same every time, at forty times the price. Null for anything but plain fields, fragments and skip/include: the
 * executor then does it.
 */
export function compileDeltaSelection(args: ValidatedSubscriptionArgs): DeltaSelection | null {
  const [root, ...others] = args.operation.selectionSet.selections;
  if (root?.kind !== 'Field' || others.length > 0 || root.directives?.length) return null;
  if (!TURN_FIELDS.includes(root.name.value) || !root.selectionSet) return null;
  const delta = project(args, root.selectionSet, 'TurnDelta');
  const reasoning = project(args, root.selectionSet, 'TurnReasoning');
  return delta && reasoning ? { rootKey: keyOf(root), delta, reasoning } : null;
}

function keyOf(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}

function project(args: ValidatedSubscriptionArgs, selection: SelectionSetNode, typeName: string): Projection | null {
  const fields = new Map<string, Projection[number]['field']>();
  const collect = ({ selections }: SelectionSetNode): boolean =>
    selections.every((node) => {
      const included = isIncluded(args, node.directives ?? []);
      if (included === null) return false;
      if (!included) return true;
      if (node.kind === 'Field') {
        const field = FIELDS[node.name.value];
        if (field && !fields.has(keyOf(node))) fields.set(keyOf(node), field);
        return field !== undefined;
      }
      const fragment = node.kind === 'FragmentSpread' ? args.fragmentDefinitions[node.name.value] : node;
      if (!fragment) return false;
      const condition = fragment.typeCondition?.name.value;
      return condition === undefined || applies(args.schema, condition, typeName)
        ? collect(fragment.selectionSet)
        : true;
    });
  return collect(selection) ? [...fields].map(([key, field]) => ({ key, field })) : null;
}

function applies(schema: GraphQLSchema, condition: string, typeName: string): boolean {
  if (condition === typeName) return true;
  const conditionType = schema.getType(condition);
  return isAbstractType(conditionType) && schema.getPossibleTypes(conditionType).some(({ name }) => name === typeName);
}

/** Null for a directive that is not understood here. */
function isIncluded(
  validated: ValidatedSubscriptionArgs,
  directives: NonNullable<FieldNode['directives']>,
): boolean | null {
  for (const { name, arguments: given } of directives) {
    const condition = given?.[0]?.value;
    const value =
      condition?.kind === 'BooleanValue'
        ? condition.value
        : condition?.kind === 'Variable'
          ? validated.variableValues.coerced[condition.name.value]
          : null;
    if (typeof value !== 'boolean' || (name.value !== 'skip' && name.value !== 'include')) return null;
    if (value !== (name.value === 'include')) return false;
  }
  return true;
}

function fieldValue(event: HotEvent, field: Projection[number]['field'], globalId: string): string | number {
  switch (field) {
    case '__typename':
      return TYPE_NAMES[event.type];
    case 'turnId':
      return globalId;
    case 'cursor':
      return event.cursor;
    case 'text':
      return event.text;
    case 'offset':
      return event.type === 'turn-delta' ? event.offset : 0;
  }
}

export function isHot(event: unknown): event is HotEvent {
  const { type } = event as TurnEvent;
  return type === 'turn-delta' || type === 'turn-reasoning';
}

/** The data of an event, as the executor would have made it. */
export function renderData(selection: DeltaSelection, event: HotEvent): Record<string, unknown> {
  const globalId = encodeId('Turn', event.turnId);
  const fields = event.type === 'turn-delta' ? selection.delta : selection.reasoning;
  const value = Object.fromEntries(fields.map(({ key, field }) => [key, fieldValue(event, field, globalId)]));
  return { [selection.rootKey]: value };
}

/** Renders `next` messages of the graphql-ws protocol for one subscription, from templates made once. */
export function createFrameRenderer(selection: DeltaSelection, operationId: string): (event: HotEvent) => string {
  const head = `{"id":${JSON.stringify(operationId)},"type":"next","payload":{"data":{${JSON.stringify(selection.rootKey)}:{`;
  let turnId = '';
  let globalId = '';
  const keys = (projection: Projection) =>
    projection.map(({ key, field }, index) => ({ field, prefix: `${index === 0 ? '' : ','}${JSON.stringify(key)}:` }));
  const templates = { 'turn-delta': keys(selection.delta), 'turn-reasoning': keys(selection.reasoning) };

  return (event) => {
    if (event.turnId !== turnId) {
      turnId = event.turnId;
      globalId = encodeId('Turn', turnId);
    }
    let frame = head;
    for (const { field, prefix } of templates[event.type]) {
      const value = fieldValue(event, field, globalId);
      frame += prefix + (typeof value === 'number' ? value : JSON.stringify(value));
    }
    return `${frame}}}}}`;
  };
}
