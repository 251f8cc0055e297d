import { html, type Html } from './html';

/** The test cards that the pages offer by name; any other number of Stripe's list can be typed. */
const OFFERED = [
  ['4242 4242 4242 4242', 'Succeeds', 'Visa, every payment goes through'],
  ['4000 0000 0000 0341', 'Fails at renewal', 'can be saved, but every charge on it is declined'],
  ['4000 0027 6000 3184', 'Asks for authentication', 'the bank wants a confirmation each time'],
  ['4000 0000 0000 0002', 'Declined', 'generic decline'],
  ['4000 0000 0000 9995', 'Insufficient funds', 'declined for now'],
  ['4000 0000 0000 9979', 'Stolen card', 'declined for good'],
  ['4000 0000 0000 0069', 'Expired card', 'declined until the card data is corrected'],
] as const;

type Offer = readonly [number: string, title: string, note: string];

const BANKS: Readonly<Record<string, readonly Offer[]>> = {
  us_bank_account: [
    ['000123456789', 'US bank account', 'the debit comes in after some days'],
    ['000222222227', 'US bank account without funds', 'the debit comes back after some days'],
  ],
  sepa_debit: [
    ['DE89370400440532013000', 'SEPA debit', 'the debit comes in after some days'],
    ['DE62370400440532013001', 'SEPA debit without funds', 'the debit comes back after some days'],
  ],
};

/** The test accounts a session's kinds of payment methods allow. */
export function banksOf(types: readonly string[]): readonly Offer[] {
  return types.flatMap((type) => BANKS[type] ?? []);
}

/** The choice of a test card or account; sends `card`, and `number` when another one is typed. */
export function cardFields(chosen?: string, typed?: string, banks: readonly Offer[] = []): Html {
  const offers = [...OFFERED, ...banks];
  const known = offers.some(([number]) => plain(number) === chosen);
  const selected = typed ? '' : known ? chosen : plain(OFFERED[0][0]);
  return html`<fieldset>
      <legend>Test card</legend>
      <div class="choices">
        ${offers.map(([number, title, note]) => choice(number, title, note, selected === plain(number)))}
        <label class="choice">
          <input type="radio" name="card" value="" ${selected === '' && checked} />
          <span>Another number<small>typed below</small></span>
        </label>
      </div>
    </fieldset>
    <div class="field">
      <label for="number">Another card number</label>
      <input
        type="text"
        id="number"
        name="number"
        inputmode="numeric"
        autocomplete="off"
        placeholder="1234 1234 1234 1234"
        value="${typed ?? ''}"
      />
    </div>`;
}

const checked = html`checked`;

function choice(number: string, title: string, note: string, isChosen: boolean): Html {
  return html`<label class="choice">
    <input type="radio" name="card" value="${plain(number)}" ${isChosen && checked} />
    <span>${title}<small>${note}</small></span>
    <code>${number}</code>
  </label>`;
}

/** The card number that such a form asks for: the typed one, if any, else the chosen one. */
export function cardNumberOf(form: Readonly<Record<string, unknown>>): string {
  const text = (name: string): string => (typeof form[name] === 'string' ? plain(form[name]) : '');
  return text('number') || text('card');
}

function plain(number: string): string {
  return number.replaceAll(/[\s-]/g, '');
}
